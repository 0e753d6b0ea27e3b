import { METRIC_UNITS, MINUTE_MS, isScoreMetric } from '../contract/index.ts'
import type {
  AnyMetricName,
  FilterTerm,
  GroupField,
  MetricName,
  MetricResult,
  MetricScope,
  ScoreMetricName,
  TimeRange,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { bucketTiles, ceilTo, floorTo, unionTiles } from './bucket.ts'
import type { KeptSince, Tile } from './bucket.ts'
import { foldSeries } from './fold-series.ts'
import type { FoldedSeries } from './fold-series.ts'
import { readKeptSince } from './kept-since.ts'
import { projectLatenessMs } from './lateness.ts'
import { readSpanRows } from './read-span-rows.ts'
import type { SpanConditions, SpanRowsQuery } from './read-span-rows.ts'
import { readRows, upIntervals } from './read-rows.ts'
import type { StoredRow, StoredRows } from './read-rows.ts'
import { checkTraceRange, readTracePlans } from './read-trace-plans.ts'
import type { TraceAnswer, TracePlan } from './read-trace-plans.ts'
import type { TraceRows } from './read-trace-buckets.ts'
import { traceGroupsOf, traceMetricOf, traceSeries } from './trace-series.ts'
import { tupleMatcher } from './tuple-filter.ts'
import type { TupleMatcher } from './tuple-filter.ts'

export type MetricQuery = {
  projectId: string
  metric: AnyMetricName
  /** `from` is rounded down and `to` up to a whole minute. */
  range: TimeRange
  /** Whole minutes; null = one bucket over the whole range. */
  stepMs: number | null
  groupBy: readonly GroupField[]
  filter: readonly FilterTerm[]
  /** What is counted; calls where it is left out. */
  scope?: MetricScope | undefined
}
/** Answered from rollups or spans. */
type CallQuery = MetricQuery & { metric: MetricName }
export type ScoreQuery = MetricQuery & { metric: ScoreMetricName }
/** What other slices do for metrics: rollups know none of them. */
export type MetricOptions = {
  /** Conditions on table `spans` for the filters that rollups cannot answer. */
  spanConditions?: SpanConditions
  /** Rows of whole traces, for scope `trace`. */
  traceRows?: TraceRows
  /** Answers metrics of scores. */
  scoreMetric?: (sql: Sql, query: ScoreQuery) => Promise<MetricResult>
}

const MAX_POINTS = 5_000
const MAX_RANGE_MS = 3_650 * 86_400_000
const MAX_GROUP_FIELDS = 3

type Plan = {
  query: CallQuery
  fromMs: number
  toMs: number
  stepMs: number
  tiles: Tile[]
  /** undefined: spans must answer. */
  matches: TupleMatcher | undefined
  /** Set with scope `trace`, which spans answer whatever the filter. */
  trace: TracePlan | undefined
}

/** One answer of `GET /metrics`. Throws InvalidValueError for what it refuses. */
export async function queryMetric(
  sql: Sql,
  query: MetricQuery,
  options: MetricOptions = {},
): Promise<MetricResult> {
  const [result] = await queryMetrics(sql, [query], options)
  if (result === undefined) throw new Error('queryMetrics answered nothing to one query')
  return result
}

/**
 * Answers several queries of one project. All that rollups can answer share one statement, and so
 * one `storedThrough`.
 */
export async function queryMetrics(
  sql: Sql,
  queries: readonly MetricQuery[],
  options: MetricOptions = {},
): Promise<MetricResult[]> {
  const projectId = queries[0]?.projectId
  if (projectId === undefined) return []
  if (queries.some((query) => query.projectId !== projectId)) {
    throw new TypeError('queryMetrics takes queries of one project only')
  }
  const ofCalls = await queryCalls(sql, queries.filter(isOfCalls), options)
  const results: MetricResult[] = []
  for (const query of queries) {
    const result = isOfScores(query) ? await queryScores(sql, query, options) : ofCalls.shift()
    if (result !== undefined) results.push(result)
  }
  return results
}

function isOfCalls(query: MetricQuery): query is CallQuery {
  return !isScoreMetric(query.metric)
}

function isOfScores(query: MetricQuery): query is ScoreQuery {
  return isScoreMetric(query.metric)
}

function queryScores(
  sql: Sql,
  query: ScoreQuery,
  { scoreMetric }: MetricOptions,
): Promise<MetricResult> {
  if (scoreMetric === undefined) {
    throw new InvalidValueError(`${query.metric} cannot be answered here`, 'metric')
  }
  return scoreMetric(sql, query)
}

async function queryCalls(
  sql: Sql,
  queries: readonly CallQuery[],
  options: MetricOptions,
): Promise<MetricResult[]> {
  const projectId = queries[0]?.projectId
  if (projectId === undefined) return []
  const kept = await readKeptSince(sql, projectId)
  const plans = queries.map((query) => planOf(query, kept))
  const latenessMs = await projectLatenessMs(sql, projectId)
  const shared = await readShared(sql, projectId, plans)
  const tracePlans = plans.flatMap((plan) => plan.trace ?? [])
  const traces = await readTracePlans(sql, tracePlans, options.traceRows)
  return Promise.all(
    plans.map(async (plan) => {
      const ofTraces = plan.trace === undefined ? undefined : traces.get(plan.trace)
      if (ofTraces !== undefined)
        return answerOfTraces(plan, { ...shared, ...ofTraces }, latenessMs)
      if (plan.matches !== undefined) {
        const rows = shared.rows.filter((row) => isWithin(plan, row))
        return answer(plan, { ...shared, rows }, { latenessMs, source: 'rollups' })
      }
      if (options.spanConditions === undefined) {
        throw new InvalidValueError('this filter can be answered from spans only', 'f')
      }
      const own = await readSpanRows(sql, spanQueryOf(plan), options.spanConditions)
      return answer(plan, { ...shared, ...own }, { latenessMs, source: 'spans' })
    }),
  )
}

function answerOfTraces(
  plan: Plan,
  stored: StoredRows & TraceAnswer,
  latenessMs: number,
): MetricResult {
  const { trace } = plan
  const { storedThroughMs, buckets } = stored
  const isPartial = (endMs: number) => endMs + latenessMs > storedThroughMs
  const series = trace === undefined ? [] : traceSeries({ ...trace, isPartial }, buckets)
  const isSampled = buckets.some((bucket) => bucket.isSampled)
  return resultOf(plan, stored, { source: 'spans', series, isSampled })
}

function answer(
  plan: Plan,
  stored: StoredRows,
  { latenessMs, source }: { latenessMs: number; source: MetricResult['source'] },
): MetricResult {
  const { metric, groupBy } = plan.query
  const { storedThroughMs } = stored
  const folded = foldSeries(
    {
      ...plan,
      metric,
      groupBy,
      matches: plan.matches ?? (() => true),
      isPartial: (endMs) => endMs + latenessMs > storedThroughMs,
    },
    stored.rows,
  )
  return resultOf(plan, stored, { source, ...folded })
}

function resultOf(
  { query, fromMs, stepMs }: Plan,
  { upMinutesMs, storedThroughMs }: StoredRows,
  found: Pick<MetricResult, 'source'> & FoldedSeries,
): MetricResult {
  return {
    metric: query.metric,
    scope: query.scope ?? 'call',
    unit: METRIC_UNITS[query.metric],
    stepMs,
    storedThrough: storedThroughMs,
    up: upIntervals(upMinutesMs, { from: fromMs, to: query.range.to }, storedThroughMs),
    source: found.source,
    ...(found.isSampled ? { sampled: true as const } : {}),
    series: found.series,
  }
}

function planOf(query: CallQuery, kept: KeptSince): Plan {
  const { range, groupBy } = query
  if (!(range.to > range.from)) {
    throw new InvalidValueError(
      `'to' (${range.to}) must be later than 'from' (${range.from})`,
      'to',
    )
  }
  if (range.to - range.from >= MAX_RANGE_MS) {
    throw new InvalidValueError('narrow the range: fewer than 3650 days are answered', 'from')
  }
  if (groupBy.length > MAX_GROUP_FIELDS) {
    throw new InvalidValueError(
      `groupBy has ${groupBy.length} fields, at most ${MAX_GROUP_FIELDS} are answered`,
      'groupBy',
    )
  }
  const fromMs = floorTo(range.from, MINUTE_MS)
  const toMs = ceilTo(range.to, MINUTE_MS)
  const stepMs = query.stepMs ?? toMs - fromMs
  checkStep(stepMs, toMs - fromMs)
  return {
    query,
    fromMs,
    toMs,
    stepMs,
    ...answeredBy(query, { fromMs, toMs, stepMs }, kept),
  }
}

type Grid = Pick<Plan, 'fromMs' | 'toMs' | 'stepMs'>

function answeredBy(
  query: CallQuery,
  grid: Grid,
  kept: KeptSince,
): Pick<Plan, 'tiles' | 'matches' | 'trace'> {
  if (query.scope !== 'trace') {
    const tiles = bucketTiles(grid, kept)
    return { tiles, matches: tupleMatcher(query.filter), trace: undefined }
  }
  checkTraceRange(grid.fromMs, grid.toMs)
  const { projectId, filter } = query
  const metric = traceMetricOf(query.metric)
  const groupBy = traceGroupsOf(query.groupBy)
  const trace: TracePlan = { ...grid, projectId, filter, metric, groupBy }
  return { tiles: [], matches: undefined, trace }
}

function checkStep(stepMs: number, rangeMs: number): void {
  if (!(stepMs >= MINUTE_MS) || stepMs % MINUTE_MS !== 0) {
    throw new InvalidValueError(`step of ${stepMs} ms is not a whole number of minutes`, 'step')
  }
  const points = Math.ceil(rangeMs / stepMs)
  if (points > MAX_POINTS) {
    throw new InvalidValueError(
      `narrow the range or widen the step: ${points} buckets asked, at most ${MAX_POINTS} are answered`,
      'step',
    )
  }
}

/** One statement for what all plans need; with none for rollups, still clock and up minutes. */
async function readShared(
  sql: Sql,
  projectId: string,
  plans: readonly Plan[],
): Promise<StoredRows> {
  const rolled = plans.filter((plan) => plan.matches !== undefined)
  return readRows(sql, {
    projectId,
    tiles: unionTiles(rolled.flatMap((plan) => plan.tiles)),
    deltas: spanOf(rolled),
    up: spanOf(plans),
  })
}

function spanQueryOf({ query, fromMs, toMs }: Plan): SpanRowsQuery {
  const { projectId, filter } = query
  return { projectId, range: { from: fromMs, to: toMs }, filter }
}

function isWithin(plan: Plan, { stepMs, bucketMs, isDelta }: StoredRow): boolean {
  if (isDelta) return bucketMs >= plan.fromMs && bucketMs < plan.toMs
  return plan.tiles.some(
    (tile) => tile.stepMs === stepMs && bucketMs >= tile.fromMs && bucketMs < tile.toMs,
  )
}

/** From the first to the last instant of the plans; empty without plans. */
function spanOf(plans: readonly Plan[]): TimeRange {
  if (plans.length === 0) return { from: 0, to: 0 }
  return {
    from: Math.min(...plans.map((plan) => plan.fromMs)),
    to: Math.max(...plans.map((plan) => plan.toMs)),
  }
}
