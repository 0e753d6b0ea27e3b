import { DEFAULT_RANGE, MAX_RANGE_MS, parseRange, type ViewState } from './url-state.ts'
import { floorTo, type Window } from './window.ts'

const MINUTE_MS = 60_000
const SHORTEST_MS = 5 * MINUTE_MS

/** Freezes a rolling range at `now`, or lets a fixed one roll again, as long as before. */
export function toggledLive(view: ViewState, window: Window, now: number): ViewState {
  if (window.status === 'fixed') return rolling(view, window.lengthMs)
  const to = floorTo(now, window.stepMs)
  return fixed(view, to - window.lengthMs, to)
}

/** Half a range's length back or on; what would reach past now becomes the latest, live. */
export function shifted(
  view: ViewState,
  window: Window,
  { now, direction }: { now: number; direction: -1 | 1 },
): ViewState {
  const { from, to } = boundsOf(window, now)
  const moveMs = Math.max(MINUTE_MS, floorTo((to - from) / 2, MINUTE_MS)) * direction
  if (window.status === 'rolling' && direction > 0) return view
  if (to + moveMs > now - MINUTE_MS) return rolling(view, to - from)
  return fixed(view, from + moveMs, to + moveMs)
}

/** Twice or half as long, about the middle; a live range stays live. */
export function zoomed(
  view: ViewState,
  window: Window,
  { now, factor }: { now: number; factor: 0.5 | 2 },
): ViewState {
  const { from, to } = boundsOf(window, now)
  const askedMs = window.status === 'rolling' ? lengthOf(view) : to - from
  const wantedMs = Math.max(SHORTEST_MS, floorTo(askedMs * factor, MINUTE_MS))
  const lengthMs = Math.min(MAX_RANGE_MS, wantedMs)
  if (window.status === 'rolling') return rolling(view, lengthMs)
  const middle = (from + to) / 2
  const end = floorTo(Math.min(now, middle + lengthMs / 2), MINUTE_MS)
  return fixed(view, end - lengthMs, end)
}

export function rolling(view: ViewState, lengthMs: number): ViewState {
  const t = rangeOf(lengthMs)
  return { ...view, t: t === DEFAULT_RANGE ? undefined : t, from: undefined, to: undefined }
}

export function fixed(view: ViewState, from: number, to: number): ViewState {
  return { ...view, t: undefined, from, to }
}

/** `90m`, `6h`, `2d`: the largest unit that says a length in whole numbers. */
function rangeOf(lengthMs: number): string {
  const minutes = Math.max(1, Math.round(Math.min(lengthMs, MAX_RANGE_MS) / MINUTE_MS))
  if (minutes % 1_440 === 0 && minutes > 1_440) return `${minutes / 1_440}d`
  if (minutes % 60 === 0) return `${minutes / 60}h`
  return minutes > 9_999 ? `${Math.round(minutes / 60)}h` : `${minutes}m`
}

function lengthOf(view: ViewState): number {
  return parseRange(view.t ?? DEFAULT_RANGE) ?? 60 * MINUTE_MS
}

/** Both ends, in whole minutes. */
export function boundsOf(window: Window, now: number): { from: number; to: number } {
  if (window.status === 'fixed') return { from: window.from, to: window.to }
  const to = floorTo(now, MINUTE_MS)
  return { from: to - window.lengthMs, to }
}
