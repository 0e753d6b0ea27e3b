import type { FilterTerm, TraceGroupField, TraceMetric } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { readTraceBuckets } from './read-trace-buckets.ts'
import type { TraceBucket, TraceNeed, TraceRows } from './read-trace-buckets.ts'
import { traceNeedOf } from './trace-series.ts'

export type TracePlan = {
  projectId: string
  metric: TraceMetric
  groupBy: readonly TraceGroupField[]
  filter: readonly FilterTerm[]
  fromMs: number
  toMs: number
  stepMs: number
}
export type TraceAnswer = { storedThroughMs: number; buckets: TraceBucket[] }

/** A longer range takes longer than a read may. */
const MAX_RANGE_MS = 31 * 86_400_000

/** Buckets for each plan; plans that differ in their metric alone share one pass over the spans. */
export async function readTracePlans(
  sql: Sql,
  plans: readonly TracePlan[],
  traceRows: TraceRows | undefined,
): Promise<Map<TracePlan, TraceAnswer>> {
  const answers = new Map<TracePlan, TraceAnswer>()
  for (const alike of Map.groupBy(plans, keyOf).values()) {
    const [first] = alike
    if (first === undefined) continue
    if (traceRows === undefined) {
      throw new InvalidValueError('scope=trace is answered from spans only', 'scope')
    }
    const needs = new Set<TraceNeed>()
    for (const { metric } of alike) {
      const need = traceNeedOf(metric)
      if (need !== null) needs.add(need)
    }
    const answer = await readTraceBuckets(sql, { ...first, needs }, traceRows)
    for (const plan of alike) answers.set(plan, answer)
  }
  return answers
}

export function checkTraceRange(fromMs: number, toMs: number): void {
  if (toMs - fromMs <= MAX_RANGE_MS) return
  throw new InvalidValueError(
    `narrow the range: ${Math.ceil((toMs - fromMs) / 86_400_000)} days asked, with scope=trace at most 31 are answered`,
    'from',
  )
}

function keyOf({ groupBy, filter, fromMs, toMs, stepMs }: TracePlan): string {
  return JSON.stringify([groupBy, filter, fromMs, toMs, stepMs])
}
