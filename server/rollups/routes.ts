import { Router } from 'express'
import { GROUP_FIELDS, METRIC_NAMES, parseStep } from '../contract/index.ts'
import type { GroupField, MetricName } from '../contract/index.ts'
import type { Context } from '../context.ts'
import { BadRequestError, InvalidValueError } from '../platform/errors.ts'
import {
  databaseNow,
  parseFilters,
  parseProject,
  parseRange,
  single,
} from '../platform/query-params.ts'
import type { QueryParams } from '../platform/query-params.ts'
import { queryMetric } from './query-metric.ts'
import type { SpanConditions } from './read-span-rows.ts'

export function metricRoutes({ sql }: Context, spanConditions?: SpanConditions): Router {
  const router = Router()
  const options = spanConditions === undefined ? {} : { spanConditions }
  router.get('/metrics', async function getMetrics(request, response) {
    const query = {
      projectId: parseProject(request),
      metric: metricOf(request.query),
      range: parseRange(request.query, await databaseNow(sql)),
      stepMs: stepOf(request.query),
      groupBy: groupByOf(request.query),
      filter: parseFilters(request.query),
    }
    response.json(await queryMetric(sql, query, options))
  })
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
