import { MAX_GROUPS, OTHER_GROUP, isSumMetric } from '../contract/index.ts'
import type { GroupField, MetricName, MetricPoint, MetricSeries } from '../contract/index.ts'
import { Gathered, METRIC_FORMULAS } from './metric-formulas.ts'
import { RowCursor } from './packed-row.ts'
import { COUNTERS, HISTOGRAMS, TUPLE_FIELDS, tupleKey } from './series.ts'
import type { SeriesTuple } from './series.ts'
import type { TupleMatcher } from './tuple-filter.ts'

/** How packed rows become the series of one answer. */
export type SeriesPlan = {
  metric: MetricName
  fromMs: number
  toMs: number
  stepMs: number
  groupBy: readonly GroupField[]
  matches: TupleMatcher
  /** The bucket that ends at `endMs` may still grow. */
  isPartial(endMs: number): boolean
}
export type FoldedSeries = {
  series: MetricSeries[]
  /** Some of the calls counted are of senders that keep only a share. */
  isSampled: boolean
}
type TimedRow = { bucketMs: number; data: Buffer }
type Group = { key: string; values: SeriesTuple; requests: number; points: MetricPoint[] }

/** Folds rows, each lying in one bucket of the plan, into one series per group. */
export function foldSeries(plan: SeriesPlan, rows: readonly TimedRow[]): FoldedSeries {
  const grouping = new Grouping(plan)
  if (plan.groupBy.length > 0) grouping.rank(rows)
  const ordered = rows.toSorted((a, b) => a.bucketMs - b.bucketMs)
  let bucket = -1
  let gathered = new Map<Group, Gathered>()
  let isSampled = false
  for (const row of ordered) {
    const at = Math.floor((row.bucketMs - plan.fromMs) / plan.stepMs)
    if (at !== bucket) {
      isSampled = emitPoints(plan, bucket, gathered) || isSampled
      gathered = new Map()
      bucket = at
    }
    gatherRow(plan, grouping, { row, gathered })
  }
  isSampled = emitPoints(plan, bucket, gathered) || isSampled
  return { series: grouping.series(), isSampled }
}

function gatherRow(
  plan: SeriesPlan,
  grouping: Grouping,
  { row, gathered }: { row: TimedRow; gathered: Map<Group, Gathered> },
): void {
  const { histogram } = METRIC_FORMULAS[plan.metric]
  const cursor = new RowCursor(row.data)
  for (const group of grouping.groupsOf(cursor.schema)) {
    cursor.next()
    if (group === null) continue
    let target = gathered.get(group)
    if (target === undefined) {
      target = new Gathered()
      gathered.set(group, target)
    }
    for (let c = 0; c < target.counters.length; c += 1) {
      target.counters[c] = (target.counters[c] ?? 0) + (cursor.counters[c] ?? 0)
    }
    if (histogram !== null) cursor.addHistogram(HISTOGRAMS[histogram], target.sketch)
  }
}

/** True where sampled calls are among those of the points. */
function emitPoints(plan: SeriesPlan, bucket: number, gathered: Map<Group, Gathered>): boolean {
  let isSampled = false
  const formula = METRIC_FORMULAS[plan.metric]
  const t = plan.fromMs + bucket * plan.stepMs
  const partial = plan.isPartial(Math.min(t + plan.stepMs, plan.toMs))
  for (const [group, calls] of gathered) {
    const n = formula.n(calls)
    // A sum over calls is true although none was priced; a rate or percentile of nothing is not.
    if (calls.of('requests') === 0 || (n === 0 && !isSumMetric(plan.metric))) continue
    group.points.push({ t, value: formula.value(calls), n, partial })
    isSampled ||= calls.of('sampledCalls') > 0
  }
  return isSampled
}

/** Assigns series to groups; once ranked, all but the largest 50 share `__other__`. */
class Grouping {
  readonly #plan: SeriesPlan
  readonly #fields: number[]
  readonly #groups = new Map<string, Group>()
  #bySchema = new Map<readonly SeriesTuple[], (Group | null)[]>()
  #isRanked = false

  constructor(plan: SeriesPlan) {
    this.#plan = plan
    this.#fields = plan.groupBy.map((field) => TUPLE_FIELDS.indexOf(field))
  }

  /** The group of each series of a schema; null = the filter leaves it out. */
  groupsOf(schema: readonly SeriesTuple[]): (Group | null)[] {
    const known = this.#bySchema.get(schema)
    if (known !== undefined) return known
    const groups = schema.map((tuple) => (this.#plan.matches(tuple) ? this.#groupOf(tuple) : null))
    this.#bySchema.set(schema, groups)
    return groups
  }

  rank(rows: readonly TimedRow[]): void {
    for (const row of rows) {
      const cursor = new RowCursor(row.data)
      for (const group of this.groupsOf(cursor.schema)) {
        cursor.next()
        if (group !== null) group.requests += cursor.counters[COUNTERS.requests] ?? 0
      }
    }
    const largest = [...this.#groups.values()].toSorted(
      (a, b) => b.requests - a.requests || (a.key < b.key ? -1 : 1),
    )
    this.#groups.clear()
    for (const group of largest.slice(0, MAX_GROUPS)) this.#groups.set(group.key, group)
    this.#bySchema = new Map()
    this.#isRanked = true
  }

  series(): MetricSeries[] {
    const filled = [...this.#groups.values()].filter((group) => group.points.length > 0)
    return filled.map((group) => ({
      group: Object.fromEntries(
        this.#plan.groupBy.map((field, i) => [field, group.values[i] ?? null]),
      ),
      points: group.points,
    }))
  }

  #groupOf(tuple: SeriesTuple): Group {
    const values = this.#fields.map((index) => tuple[index] ?? null)
    const key = tupleKey(values)
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    if (!this.#isRanked || this.#fields.length === 0) return this.#insert(key, values)
    const other = this.#fields.map(() => OTHER_GROUP)
    const otherKey = tupleKey(other)
    return this.#groups.get(otherKey) ?? this.#insert(otherKey, other)
  }

  #insert(key: string, values: SeriesTuple): Group {
    const group: Group = { key, values, requests: 0, points: [] }
    this.#groups.set(key, group)
    return group
  }
}
