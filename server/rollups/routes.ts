import { Router } from 'express'
import * as z from 'zod/mini'
import { AnyMetricName, GROUP_FIELDS, METRIC_NAMES, parseStep } from '../contract/index.ts'
import type { GroupField, MetricScope } from '../contract/index.ts'
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
import type { MetricOptions } from './query-metric.ts'

const KNOWN_METRICS = [
  ...METRIC_NAMES,
  'score_avg.NAME',
  'score_pass_rate.NAME',
  'feedback_positive_rate',
].join(' ')
const SCOPES = ['call', 'trace'] as const satisfies readonly MetricScope[]

export function metricRoutes({ sql }: Context, options: MetricOptions = {}): Router {
  const router = Router()
  router.get('/metrics', async function getMetrics(request, response) {
    const query = {
      projectId: parseProject(request),
      range: parseRange(request.query, await databaseNow(sql)),
      stepMs: stepOf(request.query),
      groupBy: groupByOf(request.query),
      filter: parseFilters(request.query),
      scope: parseChoice(request.query, 'scope', SCOPES),
      metric: metricOf(request.query),
    }
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

function metricOf(query: QueryParams): AnyMetricName {
  const raw = single(query, 'metric')
  if (raw === undefined) {
    throw new BadRequestError(`metric is missing; use one of ${KNOWN_METRICS}`, 'metric')
  }
  const known = z.safeParse(AnyMetricName, raw)
  if (known.success) return known.data
  throw new InvalidValueError(`unknown metric ${quote(raw)}; use one of ${KNOWN_METRICS}`, 'metric')
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
