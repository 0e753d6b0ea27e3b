import type { Sql } from '../db/client.ts'
import type { Bus } from '../live/bus.ts'
import { startIntervalTask } from '../platform/interval-task.ts'
import type { Log } from '../platform/log.ts'
import { slotOf } from '../projects/slot.ts'
import { joinScores, type ScoreTarget } from './join-scores.ts'

const EVERY_MS = 1_000
/** Of one project and run; more than this changes no score until its next span. */
const MAX_TRACES = 5_000

/**
 * Copies anew what a stored span is when it was changed (a failure told by a log, a call that turns
 * out to repeat another one's) onto the scores of its trace.
 */
export function followAmendments(parts: { sql: Sql; bus: Bus; log: Log }): AsyncDisposable {
  const { sql, bus, log } = parts
  let amended = new Map<string, Set<string>>()
  const unsubscribe = bus.subscribe('spans-amended', ({ projectId, spans }) => {
    const traces = amended.get(projectId) ?? new Set()
    amended.set(projectId, traces)
    for (const { traceId } of spans) if (traces.size < MAX_TRACES) traces.add(traceId)
  })
  const task = startIntervalTask({ name: 'rejoin-scores', intervalMs: EVERY_MS, log }, async () => {
    const due = amended
    amended = new Map()
    for (const [projectId, traces] of due) await rejoinTraces(sql, projectId, [...traces])
  })
  return {
    async [Symbol.asyncDispose]() {
      unsubscribe()
      await task[Symbol.asyncDispose]()
    },
  }
}

async function rejoinTraces(sql: Sql, projectId: string, traces: string[]): Promise<void> {
  const own = sql`sc.slot = ${slotOf(projectId)} and sc.project_id = ${projectId}`
  const target = sql`sc.id, replace(sc.home_trace::text, '-', '') as home_trace,
    replace(sc.trace_id::text, '-', '') as trace_id,
    lpad(to_hex(sc.span_id), 16, '0') as span_id, sc.response_id`
  const scores = await sql<(ScoreTarget & { homeTrace: string | null })[]>`
    select ${target} from scores sc
    where ${own} and sc.trace_id = any(${traces}::uuid[])
    union all
    select ${target} from scores sc
    where ${own} and sc.trace_id is null and sc.home_trace = any(${traces}::uuid[])`
  const targets = scores.map(({ homeTrace, ...score }) => ({
    ...score,
    traceId: score.traceId ?? (score.spanId === null ? null : homeTrace),
  }))
  await joinScores(sql, projectId, { targets, days: null })
}
