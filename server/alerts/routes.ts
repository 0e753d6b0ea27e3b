import { Router } from 'express'
import type { Context } from '../context.ts'
import type { MetricOptions } from '../rollups/query-metric.ts'
import { channelRoutes, deliveryRoutes } from './channel-routes.ts'
import { incidentRoutes } from './incident-routes.ts'
import { createMetricSource } from './metric-source.ts'
import { outboundOf } from './outbound.ts'
import { ruleRoutes } from './rule-routes.ts'

/** Everything under /alerts. */
export function alertRoutes(context: Context, metricOptions: MetricOptions = {}): Router {
  const { sql, config } = context
  const delivery = {
    sql,
    bus: context.bus,
    log: context.log.forSlice('alerts'),
    ...outboundOf(config),
  }
  return Router().use(
    ruleRoutes(context, createMetricSource(sql, metricOptions)),
    incidentRoutes(context),
    channelRoutes(context, delivery),
    deliveryRoutes(context),
  )
}
