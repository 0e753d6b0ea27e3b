import { BudgetKind, type TraceSummary, type TraceUsual } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { NotFoundError } from '../platform/errors.ts'
import { databaseNow } from '../platform/query-params.ts'
import { countSpans } from './count-spans.ts'
import { fastTwinOf } from './fast-twin.ts'
import { readSegmentSpans } from './read-segment-spans.ts'
import { readSiblings, type Sibling } from './read-siblings.ts'
import { budgetOf, type KindBudget } from './segments.ts'
import { toUs, utcDay } from './span-scope.ts'
import { readSummaries } from './summarise-traces.ts'
import type { TraceDays } from './trace-probe.ts'

/** Traces of very many spans are compared with fewer of their kind: so many spans are read at most. */
const MAX_COMPARED_SPANS = 20_000

/** Where the time of a trace went, against the median of those before it. */
export async function queryUsual(
  sql: Sql,
  { projectId, traceId }: { projectId: string; traceId: string },
): Promise<TraceUsual> {
  return readWithin(sql, async (read) => {
    const today = utcDay(await databaseNow(read))
    const traces = [{ traceId, low: today, high: today }]
    const [trace] = await readSummaries(read, { projectId, traces })
    if (trace === undefined) throw new NotFoundError(`no trace ${traceId} in project ${projectId}`)
    const { before, after } = await readSiblings(read, { projectId, trace })
    const compared = await withinBudget(read, projectId, before)
    const budgets = await readBudgets(read, projectId, [lengthOf(trace), ...compared])
    const medianDurationMs = medianOf(compared.map(({ durationMs }) => durationMs))
    return {
      traceId,
      service: trace.service,
      name: trace.name,
      durationMs: trace.durationMs,
      n: compared.length,
      medianDurationMs,
      budget: compareBudgets(budgets.get(traceId), compared, budgets),
      fastTwin: fastTwinOf(trace, [...before, ...after], { medianDurationMs, n: compared.length }),
    }
  })
}

type Length = Pick<Sibling, 'traceId' | 'startTime' | 'durationMs'>

function lengthOf({ traceId, startTime, durationMs }: TraceSummary): Length {
  return { traceId, startTime, durationMs: durationMs ?? 0 }
}

/** The days a trace's critical path lies on: nothing before its start or after its end is on it. */
function daysOf({ traceId, startTime, durationMs }: Length): TraceDays {
  return { traceId, low: utcDay(startTime), high: utcDay(startTime + durationMs) }
}

/** The newest traces that hold no more spans together than may be read. */
async function withinBudget(
  read: ReadSql,
  projectId: string,
  siblings: readonly Sibling[],
): Promise<Sibling[]> {
  const most = MAX_COMPARED_SPANS + 1
  const counts = await countSpans(read, { projectId, traces: siblings.map(daysOf), most })
  let left = MAX_COMPARED_SPANS
  const kept: Sibling[] = []
  for (const sibling of siblings) {
    left -= counts.get(sibling.traceId) ?? 0
    if (left < 0) break
    kept.push(sibling)
  }
  return kept
}

async function readBudgets(
  read: ReadSql,
  projectId: string,
  traces: readonly Length[],
): Promise<Map<string, KindBudget>> {
  const spansBy = await readSegmentSpans(read, projectId, traces.map(daysOf))
  return new Map(
    traces.map((trace) => {
      const fromUs = toUs(trace.startTime)
      const whole = { fromUs, toUs: fromUs + toUs(trace.durationMs) }
      return [trace.traceId, budgetOf(spansBy.get(trace.traceId) ?? [], whole)]
    }),
  )
}

function compareBudgets(
  own: KindBudget | undefined,
  compared: readonly Sibling[],
  budgets: ReadonlyMap<string, KindBudget>,
): TraceUsual['budget'] {
  const others = compared.flatMap(({ traceId }) => budgets.get(traceId) ?? [])
  return BudgetKind.options.map((kind) => ({
    kind,
    ms: own?.[kind] ?? 0,
    medianMs: medianOf(others.map((budget) => budget[kind])),
  }))
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const high = sorted[Math.floor(middle)]
  if (high === undefined) return null
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? high) + high) / 2 : high
}
