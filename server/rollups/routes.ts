import { Router } from 'express'
import { GROUP_FIELDS, METRIC_NAMES, parseStep } from '../contract/index.ts'
import type { GroupField, MetricName, MetricScope } from '../contract/index.ts'
import type { Context } from '../context.ts'
import { allowOnly } from '../platform/allow-only.ts'
import { BadRequestError, InvalidValueError } from '../platform/errors.ts'
import {
  databaseNow,
  parseChoice,
  parseFilters,
  parseProject,
  parseRange,
  single,
} from '../platform/query-params.ts'
import type { QueryParams } from '../platform/query-params.ts'
import { EXEMPLAR_METRICS, findExemplars } from './find-exemplars.ts'
import { queryMetric } from './query-metric.ts'
import type { MetricOptions, MetricQuery } from './query-metric.ts'

const SCOPES = ['call', 'trace'] as const satisfies readonly MetricScope[]

/** Answers metrics of scores; undefined for a metric that is none of them. */
export type ScoreMetrics = (
  query: Omit<MetricQuery, 'metric' | 'scope'> & { metric: string },
) => Promise<object | undefined>

export function metricRoutes(
  { sql }: Context,
  options: MetricOptions = {},
  queryScores?: ScoreMetrics,
): Router {
  const router = Router()
  router.get('/metrics', async function getMetrics(request, response) {
    const asked = {
      projectId: parseProject(request),
      range: parseRange(request.query, await databaseNow(sql)),
      stepMs: stepOf(request.query),
      groupBy: groupByOf(request.query),
      filter: parseFilters(request.query),
    }
    const metric = single(request.query, 'metric') ?? ''
    const ofScores = await queryScores?.({ ...asked, metric })
    if (ofScores !== undefined) {
      response.json(ofScores)
      return
    }
    const scope = parseChoice(request.query, 'scope', SCOPES)
    const query = { ...asked, scope, metric: metricOf(request.query) }
    response.json(await queryMetric(sql, query, options))
  })
  const { spanConditions } = options
  if (spanConditions === undefined) return router
  router
    .route('/metrics/exemplars')
    .get(async function getExemplars(request, response) {
      const query = {
        projectId: parseProject(request),
        metric: parseChoice(request.query, 'metric', EXEMPLAR_METRICS),
        range: parseRange(request.query, await databaseNow(sql)),
        stepMs: stepOf(request.query),
        filter: parseFilters(request.query),
      }
      response.json(await findExemplars(sql, query, spanConditions))
    })
    .all(allowOnly('GET'))
  return router
}

function metricOf(query: QueryParams): MetricName {
  const raw = single(query, 'metric')
  if (raw === undefined) {
    throw new BadRequestError(`metric is missing; use one of ${METRIC_NAMES.join(' ')}`, 'metric')
  }
  const known = METRIC_NAMES.find((name) => name === raw)
  if (known === undefined) {
    throw new InvalidValueError(
      `unknown metric ${quote(raw)}; use one of ${METRIC_NAMES.join(' ')}`,
      'metric',
    )
  }
  return known
}

/** `1m` where none is given. */
function stepOf(query: QueryParams): number | null {
  const raw = single(query, 'step') ?? '1m'
  const stepMs = parseStep(raw)
  if (stepMs === undefined) {
    throw new InvalidValueError(
      `step ${quote(raw)} is not 'all' or whole minutes, as 1m 5m 1h 1d`,
      'step',
    )
  }
  return stepMs
}

function groupByOf(query: QueryParams): GroupField[] {
  const raw = single(query, 'groupBy')
  if (raw === undefined) return []
  return [...new Set(raw.split(','))].map((name) => {
    const known = GROUP_FIELDS.find((field) => field === name)
    if (known === undefined) {
      throw new InvalidValueError(
        `unknown groupBy field ${quote(name)}; use ${GROUP_FIELDS.join(' ')}`,
        'groupBy',
      )
    }
    return known
  })
}

function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}
