import type { SpanSummary, TraceUsual } from '@sightline/server/contract'
import type { TraceModel } from './trace-node.ts'

/** From the start of the trace to the first token any of its calls streamed. */
export function firstTokenMs({ nodes }: TraceModel): number | null {
  let least: number | null = null
  for (const { span, startMs } of nodes) {
    if (span.ttftMs === null) continue
    const at = startMs + span.ttftMs
    if (least === null || at < least) least = at
  }
  return least
}

/** Output tokens over the time after the first one, of streamed calls. */
export function tokensPerSecond(
  span: Pick<SpanSummary, 'streaming' | 'outputTokens' | 'durationMs' | 'ttftMs'>,
): number | null {
  const { streaming, outputTokens, durationMs, ttftMs } = span
  if (streaming !== true || outputTokens === null || durationMs === null || ttftMs === null)
    return null
  return durationMs > ttftMs ? (outputTokens * 1_000) / (durationMs - ttftMs) : null
}

/** The root's, else from the first start to the last end. */
export function traceDurationMs({ root, lengthMs }: TraceModel): number {
  return root?.span.durationMs ?? lengthMs
}

/** Medians of fewer traces are shown with their number, but judge nothing. */
export const ENOUGH_TRACES = 20
const SLOW_FACTOR = 1.5

/** How many times as long as usual, when there is enough to compare with. */
export function timesUsual(durationMs: number, usual: TraceUsual | undefined): number | null {
  if (usual === undefined || usual.n < ENOUGH_TRACES) return null
  const median = usual.medianDurationMs
  return median === null || median <= 0 ? null : durationMs / median
}

export type Verdict = { tone: 'ok' | 'warn' | 'crit'; text: string }

export function verdictOf(model: TraceModel, times: number | null): Verdict {
  const { root, errorCount } = model
  const isSlow = times !== null && times >= SLOW_FACTOR
  const isFailed = root === null ? errorCount > 0 : root.span.status === 'error'
  if (isFailed) return { tone: 'crit', text: isSlow ? 'error, slow' : 'error' }
  const recovered =
    errorCount === 0 ? null : `recovered after ${errorCount} error${errorCount === 1 ? '' : 's'}`
  if (isSlow) return { tone: 'warn', text: recovered === null ? 'slow' : `slow, ${recovered}` }
  if (recovered !== null) return { tone: 'warn', text: `ok, ${recovered}` }
  return { tone: 'ok', text: 'ok' }
}

/** The root's value, else the first one any span has. */
export function firstValue(
  { root, nodes }: TraceModel,
  pick: (span: SpanSummary) => string | null,
): string | null {
  const own = root === null ? null : pick(root.span)
  if (own !== null) return own
  for (const { span } of nodes) {
    const value = pick(span)
    if (value !== null) return value
  }
  return null
}

/** Opens on what one came for: the first failure, else the first model call, else the root. */
export function defaultNode({ nodes }: TraceModel) {
  const isStep = (type: SpanSummary['type']): boolean => type !== 'agent' && type !== 'chain'
  return (
    nodes.find(({ span }) => span.status === 'error' && isStep(span.type)) ??
    nodes.find(({ span }) => span.type === 'llm') ??
    nodes[0]
  )
}
