import { diag } from '@opentelemetry/api'
import { llm } from './llm.ts'
import { span } from './manual-span.ts'
import { endOpenCalls } from './open-calls.ts'
import { setRuntime } from './runtime.ts'

/**
 * A running SDK; the same as the functions of these names.
 *
 * @example
 * const sightline: Sightline = init()
 * using work = sightline.span('rerank')
 */
export type Sightline = {
  readonly llm: typeof llm
  readonly span: typeof span
  flush(options?: FlushOptions): Promise<boolean>
  shutdown(options?: FlushOptions): Promise<boolean>
}

/**
 * How long `flush` and `shutdown` may take.
 *
 * @example
 * await shutdown({ timeoutMs: 2_000 } satisfies FlushOptions)
 */
export type FlushOptions = {
  /** How long to wait for the collector, 10 s unless given. */
  readonly timeoutMs?: number
}

/** What a mode has started: the Node preset, or the core alone. */
export type Running = {
  readonly flush: (timeoutMs: number) => Promise<boolean>
  readonly stop: () => Promise<void>
}

const FLUSH_TIMEOUT_MS = 10_000

let running: Running | undefined

/** Starts once; never throws. */
export function startOnce(isDisabled: boolean, start: () => Running): Sightline {
  if (running !== undefined) {
    diag.warn('sightline: init was called before; the first call stands')
  } else if (!isDisabled) {
    try {
      running = start()
    } catch (error) {
      diag.error('sightline: cannot start, the application runs without it', error)
    }
  }
  return { llm, span, flush, shutdown }
}

/**
 * Sends everything that has ended. True when the collector has acknowledged all of it in time.
 *
 * @example
 * await flush({ timeoutMs: 2_000 })
 */
export async function flush({ timeoutMs = FLUSH_TIMEOUT_MS }: FlushOptions = {}): Promise<boolean> {
  try {
    return (await running?.flush(timeoutMs)) ?? true
  } catch (error) {
    diag.error('sightline: flush failed', error)
    return false
  }
}

/**
 * Ends open spans, sends everything and stops; wrapped clients work on without being recorded.
 *
 * @example
 * await shutdown()
 */
export async function shutdown({
  timeoutMs = FLUSH_TIMEOUT_MS,
}: FlushOptions = {}): Promise<boolean> {
  const stopping = running
  if (stopping === undefined) return true
  running = undefined
  endOpenCalls()
  setRuntime(undefined)
  try {
    const isDelivered = await stopping.flush(timeoutMs)
    await stopping.stop()
    return isDelivered
  } catch (error) {
    diag.error('sightline: shutdown failed', error)
    return false
  }
}
