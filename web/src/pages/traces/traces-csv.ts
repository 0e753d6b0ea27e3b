import type { TraceSummary } from '@sightline/server/contract'
import { csvText, localIso } from '../../charts/csv.ts'
import type { Zone } from '../../lib/zone.ts'

/** All that a list knows of its traces, whatever columns are shown. */
export function tracesCsv(traces: readonly TraceSummary[], zone: Zone): string {
  const header = [
    'trace_id',
    `start (${zone.name})`,
    'name',
    'status',
    'duration_ms',
    'ttft_ms',
    'models',
    'input_tokens',
    'output_tokens',
    'cost_usd',
    'unpriced_calls',
    'spans',
    'failed_spans',
    'service',
    'environment',
    'release',
    'user',
    'session',
    'scores',
  ]
  return csvText([header, ...traces.map((trace) => lineOf(trace, zone))])
}

function lineOf(trace: TraceSummary, zone: Zone): string[] {
  const { usage, cost } = trace
  const text = (value: string | number | null): string => (value === null ? '' : String(value))
  return [
    trace.traceId,
    localIso(trace.startTime, zone),
    trace.name,
    trace.status,
    text(trace.durationMs),
    text(trace.ttftMs),
    trace.models.join(' '),
    text(usage.inputTokens),
    text(usage.outputTokens),
    text(cost.totalUsd),
    text(cost.unpricedCalls),
    text(trace.spanCount),
    text(trace.errorCount),
    text(trace.service),
    text(trace.environment),
    text(trace.release),
    text(trace.userId),
    text(trace.sessionId),
    trace.scores.map(({ name, value, label }) => `${name}=${value ?? label ?? ''}`).join(' '),
  ]
}
