import { Router } from 'express'
import { parseStep } from '../contract/index.ts'
import type { Context } from '../context.ts'
import { InvalidValueError } from '../platform/errors.ts'
import {
  databaseNow,
  parseFilters,
  parseProject,
  parseRange,
  type QueryParams,
  single,
} from '../platform/query-params.ts'
import { querySeries } from './query-series.ts'
import { isKeptMetric, KEPT_METRICS } from './kept-metrics.ts'

const PREFIX = 'otel.'
const MAX_GROUP_FIELDS = 3

/** `GET /metrics` for the series of model servers; every other metric is answered elsewhere. */
export function otelMetricRoutes({ sql }: Context): Router {
  const router = Router()
  router.get('/metrics', async function getOtelMetric(request, response, next) {
    const metric = single(request.query, 'metric')
    if (metric === undefined || !metric.startsWith(PREFIX)) {
      next()
      return
    }
    const name = metric.slice(PREFIX.length)
    if (!isKeptMetric(name)) {
      throw new InvalidValueError(`only series of ${KEPT_METRICS} are kept`, 'metric')
    }
    response.json(
      await querySeries(sql, {
        projectId: parseProject(request),
        name,
        range: parseRange(request.query, await databaseNow(sql)),
        stepMs: stepOf(request.query),
        groupBy: groupByOf(request.query),
        filter: parseFilters(request.query),
      }),
    )
  })
  return router
}

function stepOf(query: QueryParams): number | null {
  const stepMs = parseStep(single(query, 'step') ?? '1m')
  if (stepMs === undefined) {
    throw new InvalidValueError(`step is not 'all' or whole minutes, as 1m 5m 1h 1d`, 'step')
  }
  return stepMs
}

function groupByOf(query: QueryParams): string[] {
  const raw = single(query, 'groupBy')
  const fields = raw === undefined ? [] : [...new Set(raw.split(','))]
  if (fields.length > MAX_GROUP_FIELDS || fields.some((field) => field.length > 256)) {
    throw new InvalidValueError(`groupBy takes up to ${MAX_GROUP_FIELDS} attributes`, 'groupBy')
  }
  return fields
}
