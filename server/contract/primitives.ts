import * as z from 'zod/mini'

/** Epoch milliseconds; fractions carry microseconds. */
export const EpochMs = z.number()
export type EpochMs = number

export const TraceId = z.string().check(z.regex(/^[0-9a-f]{32}$/))
export const SpanId = z.string().check(z.regex(/^[0-9a-f]{16}$/))

/** Half-open interval `[from, to)` in epoch ms. */
export const TimeRange = z.object({ from: EpochMs, to: EpochMs })
export type TimeRange = z.infer<typeof TimeRange>

/**
 * How much of the range a list has looked through, where it stops before the end: newest first, from
 * `to` back to `from`. `nextCursor` goes on from there.
 */
export const Scanned = z.object({ from: EpochMs, to: EpochMs, isComplete: z.boolean() })
export type Scanned = z.infer<typeof Scanned>

export const DEFAULT_PROJECT = 'default'
export const MINUTE_MS = 60_000
