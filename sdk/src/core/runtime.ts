import type { LogDraft, StartSpan } from './span-draft.ts'
import type { ContentPolicy } from './content.ts'

/** What wrappers need while the SDK is on. Without one they do nothing but call through. */
export type Runtime = {
  readonly startSpan: StartSpan
  readonly emitLog: (log: LogDraft) => void
  readonly content: ContentPolicy
  /** Wall clock in epoch milliseconds; only tests and simulations move it. */
  readonly now: () => number
}

let current: Runtime | undefined

export function getRuntime(): Runtime | undefined {
  return current
}

export function setRuntime(runtime: Runtime | undefined): void {
  current = runtime
}
