import { Router } from 'express'
import { METRIC_NAMES } from '../contract/index.ts'
import type { MetricScope, TimeRange } from '../contract/index.ts'
import type { Context } from '../context.ts'
import { allowOnly } from '../platform/allow-only.ts'
import { InvalidValueError } from '../platform/errors.ts'
import {
  databaseNow,
  parseChoice,
  parseFilters,
  parseInstant,
  parseProject,
  parseRange,
} from '../platform/query-params.ts'
import type { QueryParams } from '../platform/query-params.ts'
import { explainGrowth } from './explain-growth.ts'

const SCOPES = ['call', 'trace'] as const satisfies readonly MetricScope[]
/** First, as the default. */
const METRICS = ['latency_p95', ...METRIC_NAMES] as const

export function explainRoutes({ sql }: Context): Router {
  const router = Router()
  router
    .route('/explain')
    .get(async function getExplanation(request, response) {
      const { query } = request
      const range = parseRange(query, await databaseNow(sql))
      response.json(
        await explainGrowth(sql, {
          projectId: parseProject(request),
          metric: parseChoice(query, 'metric', METRICS),
          scope: parseChoice(query, 'scope', SCOPES),
          range,
          baseline: baselineOf(query, range),
          filter: parseFilters(query),
        }),
      )
    })
    .all(allowOnly('GET'))
  return router
}

/** Where none is given: as long as the range, just before it. */
function baselineOf(query: QueryParams, range: TimeRange): TimeRange {
  const to = parseInstant(query, 'baselineTo') ?? range.from
  const from = parseInstant(query, 'baselineFrom') ?? Math.max(0, to - (range.to - range.from))
  if (from < to) return { from, to }
  throw new InvalidValueError(
    `'baselineTo' (${to}) must be later than 'baselineFrom' (${from})`,
    'baselineTo',
  )
}
