import type { ReadSql } from '../db/read-within.ts'
import type { SegmentSpan } from './segments.ts'
import { toUs } from './span-scope.ts'
import { spansOfTraces, tracesOn, type TraceDays } from './trace-probe.ts'

/** Longest spans of a trace that its segments are worked out from: a bar shows no more. */
const MAX_SEGMENT_SPANS = 300

type PartRow = Omit<SegmentSpan, 'startUs' | 'endUs'> & {
  traceHex: string
  startedAt: number
  endedAt: number
}

/** The spans that show where the time of each trace went, by trace. */
export async function readSegmentSpans(
  read: ReadSql,
  projectId: string,
  traces: readonly TraceDays[],
): Promise<Map<string, SegmentSpan[]>> {
  const rows = await read<PartRow[]>`
    select replace(p.trace_id::text, '-', '') as trace_hex, p.span_id::text,
      p.parent_span_id::text, p.started_at, p.ended_at, p.type, p.ttft_us,
      p.flags & 2 <> 0 as is_error
    from (
      select s.*, row_number() over (partition by s.trace_id
        order by s.parent_span_id is not null, s.duration_us desc nulls last) as place
      from ${spansOfTraces(read, tracesOn(read, traces), projectId)}
    ) p
    where p.place <= ${MAX_SEGMENT_SPANS}`
  const spansBy = new Map<string, SegmentSpan[]>()
  for (const { traceHex, startedAt, endedAt, ...rest } of rows) {
    const spans = spansBy.get(traceHex) ?? []
    spans.push({ ...rest, startUs: toUs(startedAt), endUs: toUs(endedAt) })
    spansBy.set(traceHex, spans)
  }
  return spansBy
}
