import type { EpochMs } from '../contract/index.ts'
import type { OutboundResult } from '../platform/safe-fetch.ts'

export type AttemptOutcome =
  | { type: 'delivered' }
  /** Tried again after `waitMs`. */
  | { type: 'retry'; waitMs: number }
  /** Not tried again: the receiver refuses it, is gone, or 24 h are over. */
  | { type: 'failed' }

type Attempted = {
  result: OutboundResult
  /** Attempts made, this one included. */
  attempt: number
  createdAt: EpochMs
  now: EpochMs
  /** 0-1, for the ±20 %. */
  random: number
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const WAITS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
]
const GIVE_UP_AFTER_MS = 24 * HOUR_MS

/** What an attempt's answer means. A receiver is never switched off by it. */
export function outcomeOf(attempted: Attempted): AttemptOutcome {
  const { result, createdAt, now } = attempted
  if (result.status === 'response') {
    if (result.httpStatus >= 200 && result.httpStatus < 300) return { type: 'delivered' }
    if (isRefusal(result.httpStatus)) return { type: 'failed' }
  }
  if (result.status === 'failed' && result.fault === 'invalid_url') return { type: 'failed' }
  const waitMs = askedWaitMs(attempted) ?? scheduledWaitMs(attempted)
  if (now + waitMs > createdAt + GIVE_UP_AFTER_MS) return { type: 'failed' }
  return { type: 'retry', waitMs }
}

/** 408, 425 and 429 pass with time; other 4xx (410 = gone among them) do not. */
function isRefusal(httpStatus: number): boolean {
  return httpStatus >= 400 && httpStatus < 500 && ![408, 425, 429].includes(httpStatus)
}

/** Retry-After in seconds or as a date, of 429 and 503 only, at most an hour. */
function askedWaitMs({ result, now }: Attempted): number | undefined {
  if (result.status !== 'response' || result.retryAfter === undefined) return undefined
  if (result.httpStatus !== 429 && result.httpStatus !== 503) return undefined
  const raw = result.retryAfter.trim()
  const waitMs = /^\d{1,9}$/.test(raw) ? Number(raw) * SECOND_MS : Date.parse(raw) - now
  return Number.isNaN(waitMs) ? undefined : Math.min(HOUR_MS, Math.max(0, waitMs))
}

function scheduledWaitMs({ attempt, random }: Attempted): number {
  const waitMs = WAITS_MS[attempt - 1] ?? HOUR_MS
  return Math.round(waitMs * (0.8 + 0.4 * random))
}
