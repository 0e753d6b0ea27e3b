import { withDeadline } from '../db/copy.ts'
import { recordLedger } from '../ledger/record-ledger.ts'
import { isKeptMetric, KEPT_METRICS } from '../otel-metrics/kept-metrics.ts'
import { type PointFate, type SeriesPoint, storePoints } from '../otel-metrics/store-points.ts'
import { decodeMetricsJson } from './decode-metrics-json.ts'
import { decodeMetricsProtobuf } from './decode-metrics-protobuf.ts'
import type { ExportAnswer } from './export-answer.ts'
import { type SignalParts, type SignalRequest, storeOrRefuse } from './ingest-logs.ts'
import type { OtlpPoint } from './otlp-metrics.ts'
import { RecordAccount, type Sender } from './record-account.ts'
import { toSeriesPoint } from './series-point.ts'

const DEADLINE_MS = 5_000
const PLAIN_DIALECT = 'otel'
const MAX_AT_ONCE = 2_000
const DAY_US = 86_400_000_000
const PAST_US = 15 * DAY_US
const FUTURE_US = DAY_US / 24

/** Stores the data points that are kept as series; answers after the commit. */
export async function ingestMetrics(
  parts: SignalParts,
  { format, body, projectId }: SignalRequest,
): Promise<ExportAnswer> {
  const { points } = format === 'json' ? decodeMetricsJson(body) : decodeMetricsProtobuf(body)
  const { book, counters, sql } = parts
  const nowMs = parts.clock.nowMs()
  const account = new RecordAccount({ projectId, nowMs, signal: 'metrics', book })
  const kept = sortPoints(points, account, nowMs * 1_000)
  await storeOrRefuse(parts, async () => {
    for (let at = 0; at < kept.length; at += MAX_AT_ONCE) {
      const slice = kept.slice(at, at + MAX_AT_ONCE)
      const storing = storePoints(
        sql,
        projectId,
        slice.map(({ point }) => point),
      )
      count(account, slice, await withDeadline(storing, DEADLINE_MS))
    }
    await withDeadline(recordLedger(sql, account.entries()), DEADLINE_MS)
  })
  const answer = account.answer()
  counters.inc('sightline_data_points_total', {}, points.length)
  counters.inc('sightline_data_points_rejected_total', {}, answer.rejected)
  return answer
}

type KeptPoint = { point: SeriesPoint; sender: Sender }

function sortPoints(
  points: readonly OtlpPoint[],
  account: RecordAccount,
  nowUs: number,
): KeptPoint[] {
  const kept: KeptPoint[] = []
  for (const sent of points) {
    const sender = { group: sent.metric.group, dialect: PLAIN_DIALECT }
    const name = sent.metric.name.slice(0, 80).toWellFormed()
    const reject = (reason: string, why: string): void =>
      account.reject(sender, { reason, message: `metric ${name}: ${why}` })
    const fault = faultOf(sent)
    if (fault !== null) reject(fault.reason, fault.message)
    else if (!isKeptMetric(sent.metric.name)) {
      reject('not_stored', `not stored (kept are ${KEPT_METRICS})`)
    } else {
      const point = toSeriesPoint(sent)
      if (typeof point === 'string') reject('not_stored', point)
      else if (point.atUs < nowUs - PAST_US || point.atUs > nowUs + FUTURE_US) {
        reject('time_out_of_range', 'time outside the last 15 days and the next hour')
      } else kept.push({ point, sender })
    }
  }
  return kept
}

function faultOf({ fault, metric }: OtlpPoint) {
  return fault ?? metric.fault ?? metric.group.resource.fault ?? metric.group.scope.fault
}

function count(
  account: RecordAccount,
  kept: readonly KeptPoint[],
  fates: readonly PointFate[],
): void {
  for (const [at, { sender, point }] of kept.entries()) {
    const fate = fates[at]
    if (fate === 'stored') account.stored(sender)
    else if (fate === 'duplicate') account.duplicate(sender)
    else {
      const message = `metric ${point.name}: more series than the project may have`
      account.reject(sender, { reason: 'too_many_series', message })
    }
  }
}
