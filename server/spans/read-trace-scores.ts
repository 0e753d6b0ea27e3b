import type { TraceSummary } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { spansOfTraces, tracesOn, type TraceDays } from './trace-probe.ts'

type TraceScore = TraceSummary['scores'][number]

const MAX_SCORES = 20

/**
 * The newest score of each name, by trace. A score without a trace id belongs to the trace that has
 * its span or its response. Each look-up is a probe, whatever the planner believes of a new table.
 */
export async function readTraceScores(
  read: ReadSql,
  projectId: string,
  traces: readonly TraceDays[],
): Promise<Map<string, TraceScore[]>> {
  const own = read`sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}`
  const rows = await read<(TraceScore & { traceHex: string })[]>`
    select distinct on (found.trace_id, found.name)
      replace(found.trace_id::text, '-', '') as trace_hex, found.name, found.value, found.label
    from (
      select c.trace_id, sc.* from (${tracesOn(read, traces)}) c
      cross join lateral (
        select sc.name, sc.value, sc.label, sc.at, sc.id from scores sc
        where ${own} and sc.trace_id = c.trace_id
        offset 0
      ) sc
      union all
      select s.trace_id, sc.* from ${spansOfTraces(read, tracesOn(read, traces), projectId)}
      cross join lateral (
        select sc.name, sc.value, sc.label, sc.at, sc.id from scores sc
        where ${own} and sc.trace_id is null and sc.span_id = s.span_id
        union all
        select sc.name, sc.value, sc.label, sc.at, sc.id from scores sc
        where ${own} and sc.trace_id is null and sc.response_id = s.response_id
        offset 0
      ) sc
      where exists (select from scores sc where ${own} and sc.trace_id is null and sc.span_id is not null)
        or exists (select from scores sc where ${own} and sc.trace_id is null and sc.response_id is not null)
    ) found
    order by found.trace_id, found.name, found.at desc, found.id desc`
  const scoresBy = new Map<string, TraceScore[]>()
  for (const { traceHex, ...score } of rows) {
    const scores = scoresBy.get(traceHex) ?? []
    if (scores.length < MAX_SCORES) scores.push(score)
    scoresBy.set(traceHex, scores)
  }
  return scoresBy
}
