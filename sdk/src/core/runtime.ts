import type { Tracer } from '@opentelemetry/api'
import type { ContentPolicy } from './content.ts'

/** What wrappers need while the SDK is on. Without one they do nothing but call through. */
export type Runtime = {
  readonly tracer: Tracer
  readonly content: ContentPolicy
  /** Wall clock in epoch milliseconds; only tests and simulations move it. */
  readonly now: () => number
  /** SHA-256 of media too large to send, where the platform has one at hand. */
  readonly digest?: (text: string) => string | undefined
}

let current: Runtime | undefined

export function getRuntime(): Runtime | undefined {
  return current
}

export function setRuntime(runtime: Runtime | undefined): void {
  current = runtime
}
