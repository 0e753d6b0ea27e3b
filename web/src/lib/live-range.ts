import type { ViewState } from './url-state.ts'
import { floorTo, type Window } from './window.ts'

/** Freezes a rolling range at `now`, or lets a fixed one roll again. */
export function toggledLive(view: ViewState, window: Window, now: number): ViewState {
  if (window.status === 'fixed') return { ...view, from: undefined, to: undefined, t: undefined }
  const to = floorTo(now, window.stepMs)
  return { ...view, t: undefined, from: to - window.lengthMs, to }
}
