import type { SpanRecord } from '../spans/span.ts'

const MAX_TRACES = 50_000

/**
 * The traces that came in parts, newest first forgotten last: a trace that comes whole and is not
 * among them has no span elsewhere. Two generations bound the memory; what began before the older
 * one, or before this process, is not known here.
 */
export class OpenTraces {
  #young = new Map<string, boolean>()
  #old = new Map<string, boolean>()
  #youngSinceMs: number
  #coveredSinceMs: number

  constructor(nowMs: number) {
    this.#youngSinceMs = nowMs
    this.#coveredSinceMs = nowMs
  }

  /** Whether a part of the trace would be remembered. */
  covers(span: Pick<SpanRecord, 'startUs'>): boolean {
    return span.startUs / 1_000 >= this.#coveredSinceMs
  }

  /** Whether model spans were among the parts; undefined: no part came. */
  find(traceId: string): boolean | undefined {
    return this.#young.get(traceId) ?? this.#old.get(traceId)
  }

  add(traceId: string, hasCalls: boolean, nowMs: number): void {
    if (this.#young.size >= MAX_TRACES) {
      this.#old = this.#young
      this.#young = new Map()
      this.#coveredSinceMs = this.#youngSinceMs
      this.#youngSinceMs = nowMs
    }
    this.#young.set(traceId, hasCalls || this.find(traceId) === true)
  }
}
