import type { Router } from 'express'
import { alertRoutes } from './alerts/routes.ts'
import type { Context } from './context.ts'
import { driftRoutes } from './drift/routes.ts'
import { explainRoutes } from './explain/routes.ts'
import { describeStoredSpan } from './ingest/describe.ts'
import { readChunkSpans } from './ingest/read-chunk-spans.ts'
import { ledgerRoutes, type ReadHealth } from './ledger/routes.ts'
import { otelMetricRoutes } from './otel-metrics/routes.ts'
import { releaseRoutes } from './releases/routes.ts'
import type { MetricOptions } from './rollups/query-metric.ts'
import { metricRoutes } from './rollups/routes.ts'
import { scoreRoutes } from './scores/routes.ts'
import { traceRoutes } from './spans/routes.ts'
import { viewRoutes } from './views/routes.ts'

/** The slices' routes, to be mounted under /api/v1. */
export function apiRoutes(
  context: Context,
  options: Required<MetricOptions>,
  readHealth: ReadHealth,
): Router[] {
  return [
    otelMetricRoutes(context),
    metricRoutes(context, options),
    driftRoutes(context),
    explainRoutes(context),
    releaseRoutes(context),
    ledgerRoutes(context, readHealth),
    viewRoutes(context),
    traceRoutes(context, { describeSpan: describeStoredSpan, readChunk: readChunkSpans }),
    scoreRoutes(context),
    alertRoutes(context, options),
  ]
}
