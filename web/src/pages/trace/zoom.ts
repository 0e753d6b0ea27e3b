/** A part of the trace, in ms since its start. */
export type Zoom = { fromMs: number; toMs: number }

/** Of a trace of a second, 50 µs: narrower than any bar that can be told apart. */
const NARROWEST_SHARE = 1 / 20_000

export function parseZoom(raw: string | undefined, lengthMs: number): Zoom | null {
  const [from, to] = (raw ?? '').split('-').map(Number)
  if (from === undefined || to === undefined || !(to > from)) return null
  return clampedZoom({ fromMs: from, toMs: to }, lengthMs)
}

export function zoomText({ fromMs, toMs }: Zoom): string {
  return `${round(fromMs)}-${round(toMs)}`
}

/** Within the trace and not too narrow; null when it is the whole of it. */
export function clampedZoom({ fromMs, toMs }: Zoom, lengthMs: number): Zoom | null {
  const width = Math.min(lengthMs, Math.max(toMs - fromMs, lengthMs * NARROWEST_SHARE))
  const from = Math.min(Math.max(0, fromMs), lengthMs - width)
  return width >= lengthMs * 0.999_9 ? null : { fromMs: from, toMs: from + width }
}

/** Wider (`factor` > 1) or narrower around an instant that stays where it is. */
export function zoomedBy(zoom: Zoom, factor: number, aroundMs: number): Zoom {
  return {
    fromMs: aroundMs - (aroundMs - zoom.fromMs) * factor,
    toMs: aroundMs + (zoom.toMs - aroundMs) * factor,
  }
}

export function movedBy({ fromMs, toMs }: Zoom, byMs: number, lengthMs: number): Zoom {
  const by = Math.min(Math.max(byMs, -fromMs), lengthMs - toMs)
  return { fromMs: fromMs + by, toMs: toMs + by }
}

/** At most six round ticks in ms within a part. */
export function ticksOf({ fromMs, toMs }: Zoom): number[] {
  const raw = Math.max(toMs - fromMs, 0.001) / 5
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5].find((base) => base * power >= raw) ?? 10) * power
  const first = Math.ceil(fromMs / step - 1e-9)
  const last = Math.floor(toMs / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

export function percentOf(atMs: number, { fromMs, toMs }: Zoom): number {
  return ((atMs - fromMs) / (toMs - fromMs)) * 100
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
