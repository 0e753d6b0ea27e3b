import type { Context } from '../context.ts'
import { startIntervalTask } from '../platform/interval-task.ts'
import type { MetricOptions } from '../rollups/query-metric.ts'
import { deleteExpiredAlertRows } from './delete-expired.ts'
import { deliverDue } from './deliver.ts'
import { evaluateDueRules } from './evaluate.ts'
import { createMetricSource } from './metric-source.ts'
import { outboundOf } from './outbound.ts'
import { recheckLateTicks } from './recheck-late-ticks.ts'

const EVALUATE_EVERY_MS = 2_000
const DELIVER_EVERY_MS = 1_000
const UPKEEP_EVERY_MS = 30_000

/** Evaluates rules and sends their messages until disposed; any number of processes may do so. */
export function startAlertEvaluator(
  context: Context,
  metricOptions: MetricOptions = {},
): AsyncDisposable {
  const { sql, bus } = context
  const log = context.log.forSlice('alerts')
  const source = createMetricSource(sql, metricOptions)
  const delivery = { sql, bus, log, ...outboundOf(context.config) }
  const deliverTask = startIntervalTask(
    { name: 'deliver-alerts', intervalMs: DELIVER_EVERY_MS, log },
    (signal) => deliverDue(delivery, signal),
  )
  const evaluateTask = startIntervalTask(
    { name: 'evaluate-alerts', intervalMs: EVALUATE_EVERY_MS, log },
    (signal) => evaluateDueRules({ sql, bus, log, source, ...metricOptions }, signal),
  )
  const upkeepTask = startIntervalTask(
    { name: 'alert-upkeep', intervalMs: UPKEEP_EVERY_MS, log },
    async () => {
      await recheckLateTicks(sql, source)
      await deleteExpiredAlertRows(sql)
    },
  )
  return {
    async [Symbol.asyncDispose]() {
      await upkeepTask[Symbol.asyncDispose]()
      await evaluateTask[Symbol.asyncDispose]()
      await deliverTask[Symbol.asyncDispose]()
    },
  }
}
