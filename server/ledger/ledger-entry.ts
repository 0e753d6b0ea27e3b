export type LedgerSignal = 'traces' | 'logs' | 'metrics'

/** Who sent something, as far as it says. */
export type LedgerSource = {
  dialect: string
  sdk: string | null
  sdkVersion: string | null
  service: string | null
}

/** Records of one signal and source; received are stored + duplicate + rejected. */
export type LedgerEntry = {
  projectId: string
  /** Start of the minute of receipt. */
  minuteMs: number
  signal: LedgerSignal
  source: LedgerSource
  stored: number
  /** Conflicts among them. */
  duplicate: number
  conflict: number
  rejected: Readonly<Record<string, number>>
  /** Spans that no dialect knew more of than plain OpenTelemetry. */
  unmapped?: number
  sdkDropped?: number
  /** Whole requests that were refused, by reason. */
  requests?: Readonly<Record<string, number>>
}

/** One row of `ledger_deltas`. */
export type LedgerRow = {
  projectId: string
  minuteMs: number
  signal: LedgerSignal
  source: LedgerSource
  reason: string
} & LedgerCounts

export type LedgerCounts = {
  received: number
  stored: number
  duplicate: number
  conflict: number
  rejected: number
  unmapped: number
  sdkDropped: number
  requests: number
}

export const NOTHING: LedgerCounts = {
  received: 0,
  stored: 0,
  duplicate: 0,
  conflict: 0,
  rejected: 0,
  unmapped: 0,
  sdkDropped: 0,
  requests: 0,
}

const MINUTE_MS = 60_000
const MAX_TEXT = 200

export function minuteOf(nowMs: number): number {
  return Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
}

/** A row for what has no reason, and one for each reason. */
export function toLedgerRows(entry: LedgerEntry): LedgerRow[] {
  const { projectId, minuteMs, signal, source, rejected, requests = {} } = entry
  const { stored, duplicate, conflict, unmapped = 0, sdkDropped = 0 } = entry
  const key = { projectId, minuteMs, signal, source }
  const rows: LedgerRow[] = []
  if (stored + duplicate + unmapped + sdkDropped > 0) {
    const counts = { ...NOTHING, stored, duplicate, conflict, unmapped, sdkDropped }
    rows.push({ ...key, reason: '', ...counts, received: stored + duplicate })
  }
  for (const [reason, count] of Object.entries(rejected)) {
    rows.push({ ...key, reason, ...NOTHING, received: count, rejected: count })
  }
  for (const [reason, count] of Object.entries(requests)) {
    rows.push({ ...key, reason, ...NOTHING, requests: count })
  }
  return rows
}

/** A name as a key of the ledger holds it. */
export function toLedgerText(value: string | null): string {
  return value === null
    ? ''
    : value.slice(0, MAX_TEXT).toWellFormed().replaceAll('\u0000', '\ufffd')
}
