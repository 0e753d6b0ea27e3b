import type { HealthSource, IngestHealth, TimeRange } from '../contract/index.ts'
import { MINUTE_MS } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { minuteOf } from './ledger-entry.ts'
import { ledgerRows } from './read-ledger.ts'

const WINDOW_MS = 5 * MINUTE_MS
const MINUTES_SHOWN = 60
const DAY_MS = 24 * 60 * MINUTE_MS
const MAX_SOURCES = 300
/** A source is silent once it is quiet for so many times its usual pause, and for minutes at least. */
const SILENT_PAUSES = 5
const MIN_SILENT_MS = 5 * MINUTE_MS
const MIN_ACTIVE_MINUTES = 5

type LedgerHealth = Pick<
  IngestHealth,
  'windowMs' | 'acceptedPerSecond' | 'rejectedPerSecond' | 'rejected' | 'minutes'
>

type MinuteRow = {
  minute: number
  reason: string
  received: number
  rejected: number
  dropped: number
  requests: number
}

/** The last hour by minute, with rates over its last minutes. */
export async function readMinutes(
  read: ReadSql,
  projectId: string,
  nowMs: number,
): Promise<LedgerHealth> {
  const firstMs = minuteOf(nowMs) - (MINUTES_SHOWN - 1) * MINUTE_MS
  const rows = await read<MinuteRow[]>`
    select minute, reason, sum(received)::int8 as received,
      sum(rejected)::int8 as rejected, sum(sdk_dropped)::int8 as dropped,
      sum(requests)::int8 as requests
    from ${ledgerRows(read, [projectId], { from: firstMs, to: nowMs + MINUTE_MS })}
    group by minute, reason`
  const minutes = Array.from({ length: MINUTES_SHOWN }, (_, index) => {
    const minute = firstMs + index * MINUTE_MS
    const own = rows.filter((row) => row.minute === minute)
    return {
      minute,
      received: sumOf(own, 'received'),
      rejected: sumOf(own, 'rejected'),
      dropped: sumOf(own, 'dropped'),
    }
  })
  const window = windowOf(nowMs)
  const recent = rows.filter(({ minute }) => minute >= window.from)
  const reasons = Map.groupBy(
    rows.filter(({ reason }) => reason !== ''),
    ({ reason }) => reason,
  )
  return {
    windowMs: WINDOW_MS,
    acceptedPerSecond: perSecond(sumOf(recent, 'received') - sumOf(recent, 'rejected'), window),
    rejectedPerSecond: perSecond(sumOf(recent, 'rejected'), window),
    rejected: [...reasons]
      .map(([reason, own]) => {
        return { reason, records: sumOf(own, 'rejected'), requests: sumOf(own, 'requests') }
      })
      .toSorted((a, b) => b.records + b.requests - (a.records + a.requests)),
    minutes,
  }
}

function sumOf(
  rows: readonly MinuteRow[],
  field: 'received' | 'rejected' | 'dropped' | 'requests',
) {
  return rows.reduce((sum, row) => sum + row[field], 0)
}

/** Whole minutes back from the one under way. */
function windowOf(nowMs: number): TimeRange {
  return { from: minuteOf(nowMs) - (WINDOW_MS - MINUTE_MS), to: nowMs }
}

function perSecond(count: number, { from, to }: TimeRange): number {
  return (count * 1_000) / Math.max(1_000, to - from)
}

type SourceRow = {
  dialect: string
  sdk: string
  sdkVersion: string
  service: string
  firstAt: number
  lastAt: number
  activeMinutes: number
  recent: number
  received: number
  rejected: number
  dropped: number
  unmapped: number
}

/** Who sent something in the last day, busiest first. */
export async function readSources(
  read: ReadSql,
  projectId: string,
  nowMs: number,
): Promise<{ dropped: number; sources: HealthSource[] }> {
  const window = windowOf(nowMs)
  const rows = await read<SourceRow[]>`
    select dialect, sdk, sdk_version, service, min(minute) as first_at, max(minute) as last_at,
      count(distinct minute) filter (where received > 0)::int8 as active_minutes,
      coalesce(sum(received) filter (where minute >= ${window.from}::timestamptz), 0)::int8 as recent,
      sum(received)::int8 as received, sum(rejected)::int8 as rejected,
      sum(sdk_dropped)::int8 as dropped, sum(unmapped)::int8 as unmapped
    from ${ledgerRows(read, [projectId], { from: nowMs - DAY_MS, to: nowMs + MINUTE_MS })}
    group by dialect, sdk, sdk_version, service
    having sum(received) > 0 or sum(sdk_dropped) > 0
    order by sum(received) desc
    limit ${MAX_SOURCES}`
  return {
    dropped: rows.reduce((sum, row) => sum + row.dropped, 0),
    sources: rows.map((row) => ({
      source: {
        dialect: row.dialect === '' ? 'otel' : row.dialect,
        sdk: row.sdk === '' ? null : row.sdk,
        sdkVersion: row.sdkVersion === '' ? null : row.sdkVersion,
        service: row.service === '' ? null : row.service,
      },
      lastSeenAt: Math.min(nowMs, row.lastAt + MINUTE_MS),
      silentForMs: silenceOf(row, nowMs),
      spansPerSecond: perSecond(row.recent, window),
      received: row.received,
      rejected: row.rejected,
      dropped: row.dropped,
      unmapped: row.unmapped,
    })),
  }
}

function silenceOf({ firstAt, lastAt, activeMinutes }: SourceRow, nowMs: number): number | null {
  if (activeMinutes < MIN_ACTIVE_MINUTES) return null
  const usualPauseMs = (lastAt - firstAt) / (activeMinutes - 1)
  const silentMs = nowMs - (lastAt + MINUTE_MS)
  return silentMs > Math.max(MIN_SILENT_MS, SILENT_PAUSES * usualPauseMs) ? silentMs : null
}
