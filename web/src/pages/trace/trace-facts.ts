import type { SpanSummary } from '@sightline/server/contract'

/** From the start of the trace to the first token any of its calls streamed. */
export function firstTokenMs(spans: readonly SpanSummary[], start: number): number | null {
  const instants = spans.flatMap((span) =>
    span.ttftMs === null ? [] : [span.startTime - start + span.ttftMs],
  )
  return instants.length === 0 ? null : Math.min(...instants)
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

export type Verdict = { tone: 'ok' | 'warn' | 'crit'; text: string }

export function verdictOf(spans: readonly SpanSummary[], root: SpanSummary | null): Verdict {
  const failed = spans.filter((span) => span.status === 'error').length
  const isFailed = root === null ? failed > 0 : root.status === 'error'
  if (isFailed) return { tone: 'crit', text: 'error' }
  if (failed > 0)
    return { tone: 'warn', text: `ok, recovered after ${failed} error${failed === 1 ? '' : 's'}` }
  return { tone: 'ok', text: 'ok' }
}
