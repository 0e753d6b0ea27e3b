import type { Router } from 'express'
import { alertRoutes } from './alerts/routes.ts'
import type { Context } from './context.ts'
import { driftRoutes } from './drift/routes.ts'
import { explainRoutes } from './explain/routes.ts'
import { describeStoredSpan } from './ingest/describe.ts'
import { readChunkSpans } from './ingest/read-chunk-spans.ts'
import { releaseRoutes } from './releases/routes.ts'
import type { MetricOptions } from './rollups/query-metric.ts'
import { metricRoutes } from './rollups/routes.ts'
import { queryScoreMetric } from './scores/query-score-metric.ts'
import { scoreRoutes } from './scores/routes.ts'
import { traceRoutes } from './spans/routes.ts'
import { viewRoutes } from './views/routes.ts'

/** The slices' routes, to be mounted under /api/v1. */
export function apiRoutes(context: Context, options: Required<MetricOptions>): Router[] {
  return [
    metricRoutes(context, options, (query) => queryScoreMetric(context.sql, query)),
    driftRoutes(context),
    explainRoutes(context),
    releaseRoutes(context),
    viewRoutes(context),
    traceRoutes(context, { describeSpan: describeStoredSpan, readChunk: readChunkSpans }),
    scoreRoutes(context),
    alertRoutes(context, options),
  ]
}
