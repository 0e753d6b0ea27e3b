import * as z from 'zod/mini'

/** Epoch milliseconds; fractions carry microseconds. */
export const EpochMs = z.number()
export type EpochMs = number

export const TraceId = z.string().check(z.regex(/^[0-9a-f]{32}$/))
export const SpanId = z.string().check(z.regex(/^[0-9a-f]{16}$/))

/** Half-open interval `[from, to)` in epoch ms. */
export const TimeRange = z.object({ from: EpochMs, to: EpochMs })
export type TimeRange = z.infer<typeof TimeRange>

export const DEFAULT_PROJECT = 'default'
export const MINUTE_MS = 60_000
