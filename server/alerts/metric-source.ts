import {
  parseFilterTerm,
  type EpochMs,
  type FilterTerm,
  type MetricResult,
  type RuleInput,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { AppError, InvalidValueError } from '../platform/errors.ts'
import { projectLatenessMs } from '../rollups/lateness.ts'
import { queryMetrics, type MetricOptions, type MetricQuery } from '../rollups/query-metric.ts'
import type { TickReading } from './plan-evaluation.ts'
import { groupKeyOf } from './rule-record.ts'

/** Where rules get their numbers: the same call that answers `GET /api/v1/metrics?step=all`. */
export type MetricSource = {
  query(queries: readonly MetricQuery[]): Promise<MetricResult[]>
  latenessMs(projectId: string): Promise<number>
}

export function createMetricSource(sql: Sql, options: MetricOptions = {}): MetricSource {
  return {
    query: (queries) => queryMetrics(sql, queries, options),
    latenessMs: (projectId) => projectLatenessMs(sql, projectId),
  }
}

export type RuleQuestion = { projectId: string; input: RuleInput; ticks: readonly EpochMs[] }

/**
 * The windows that end at the given ticks, in order. Ends before the first tick whose window is not
 * wholly stored yet.
 */
export async function readTicks(
  source: MetricSource,
  question: RuleQuestion,
): Promise<TickReading[]> {
  const { ticks } = question
  const results = await source.query(ticks.map((tick) => metricQueryAt(question, tick)))
  const readings: TickReading[] = []
  for (const [index, tick] of ticks.entries()) {
    const result = results[index]
    if (result === undefined || result.storedThrough < tick) break
    readings.push(toReading(result, { tick, windowMs: question.input.condition.windowMs }))
  }
  return readings
}

export function metricQueryAt(
  { projectId, input }: Pick<RuleQuestion, 'projectId' | 'input'>,
  tick: EpochMs,
): MetricQuery {
  const { metric, scope, groupBy, filter, windowMs } = input.condition
  return {
    projectId,
    metric,
    scope,
    range: { from: tick - windowMs, to: tick },
    stepMs: null,
    groupBy,
    filter: parseRuleFilter(filter),
  }
}

export function parseRuleFilter(filter: readonly string[]): FilterTerm[] {
  return filter.map((raw, index) => {
    const parsed = parseFilterTerm(raw)
    if (parsed.status === 'ok') return parsed.term
    throw new InvalidValueError(parsed.message, `condition.filter.${index}`)
  })
}

/** Refuses a rule whose metric, filter and groupBy no query can answer together. */
export async function checkAnswerable(
  source: MetricSource,
  question: Omit<RuleQuestion, 'ticks'> & { tick: EpochMs },
): Promise<void> {
  try {
    await source.query([metricQueryAt(question, question.tick)])
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 422) throw error
    throw new InvalidValueError(error.message, toRuleField(error.field))
  }
}

function toRuleField(field: string | undefined): string {
  return field === 'f' || field === undefined ? 'condition.filter' : `condition.${field}`
}

function toReading(
  result: MetricResult,
  { tick, windowMs }: { tick: EpochMs; windowMs: number },
): TickReading {
  const samples = new Map(
    result.series.map((series) => {
      const point = series.points[0]
      const sample = { labels: series.group, value: point?.value ?? null, n: point?.n ?? 0 }
      return [groupKeyOf(series.group), sample] as const
    }),
  )
  const up = result.up.some(([from, to]) => from < tick && to > tick - windowMs)
  return { type: 'read', tick, up, samples }
}
