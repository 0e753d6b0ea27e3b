import { MINUTE_MS, type MetricPoint } from '@sightline/server/contract'
import { DEFAULT_RANGE, parseRange, type ViewState } from './url-state.ts'

/** What a page shows: a rolling length, or a fixed range. */
export type Window =
  | { status: 'rolling'; lengthMs: number; stepMs: number }
  | { status: 'fixed'; from: number; to: number; lengthMs: number; stepMs: number }

/** The part of a page's range whose buckets no longer grow; every number rests on it alone. */
export type CompleteRange = { from: number; to: number }

const STEPS_MIN = [1, 5, 15, 30, 60, 180, 360, 720, 1_440] as const
const MAX_POINTS = 360

export function windowOf(view: ViewState): Window {
  if (view.from !== undefined && view.to !== undefined) {
    const from = floorTo(view.from, MINUTE_MS)
    const stepMs = stepFor(view.to - from)
    const to = from + Math.max(1, Math.ceil((view.to - from) / stepMs)) * stepMs
    return { status: 'fixed', from, to, lengthMs: to - from, stepMs }
  }
  const askedMs = parseRange(view.t ?? DEFAULT_RANGE) ?? 3_600_000
  const stepMs = stepFor(askedMs)
  return { status: 'rolling', lengthMs: Math.ceil(askedMs / stepMs) * stepMs, stepMs }
}

/** The narrowest bucket that keeps a range within 360 points. */
export function stepFor(lengthMs: number): number {
  const fits = STEPS_MIN.find((min) => lengthMs / (min * MINUTE_MS) <= MAX_POINTS)
  return (fits ?? 1_440) * MINUTE_MS
}

/** The server lets no bucket stay open longer than this after its end. */
const MAX_LATENESS_MS = 15 * MINUTE_MS

/** Start of the subscription: twice the window, so that the period before is there too. */
export function subscribeFrom(window: Window, now: number): number {
  if (window.status === 'fixed') return window.from - window.lengthMs
  const open = Math.ceil(MAX_LATENESS_MS / window.stepMs) * window.stepMs
  return floorTo(now, window.stepMs) - open - 2 * window.lengthMs
}

/**
 * The complete part of the range. The server marks buckets that may still grow as `partial`; the
 * first of them ends the range. Without one the last whole bucket before `storedThrough` does.
 */
export function completeRange(
  window: Window,
  storedThrough: number,
  points: readonly MetricPoint[],
): CompleteRange {
  const origin = window.status === 'fixed' ? window.from : 0
  const whole = origin + floorTo(storedThrough - origin, window.stepMs)
  const limit = window.status === 'fixed' ? Math.min(window.to, whole) : whole
  const firstPartial = points.find((point) => point.partial)?.t ?? limit
  const to = Math.min(limit, firstPartial)
  if (window.status === 'fixed') return { from: window.from, to: Math.max(window.from, to) }
  return { from: to - window.lengthMs, to }
}

export function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step
}
