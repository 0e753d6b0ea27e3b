/** Where things lie in a chart of ours; recharts is given the same margins. */
export type Plot = {
  width: number
  height: number
  left: number
  right: number
  top: number
  bottom: number
  x: (t: number) => number
  y: (value: number) => number
  timeAt: (x: number) => number
}

type PlotInput = {
  width: number
  height: number
  left: number
  domain: readonly [number, number]
  max: number
}

export const MARGIN = { right: 16, bottom: 22 } as const
/** A value axis stays until data leaves it by this share; so much room there is above it. */
export const OVERSHOOT = 0.1
const LEAST_TOP = 12

export function topOf(height: number): number {
  const share = OVERSHOOT / (1 + OVERSHOOT)
  return Math.max(LEAST_TOP, Math.ceil((height - MARGIN.bottom) * share))
}

export function plotOf({ width, height, left, domain, max }: PlotInput): Plot {
  const right = width - MARGIN.right
  const bottom = height - MARGIN.bottom
  const top = topOf(height)
  const [from, to] = domain
  const length = Math.max(1, to - from)
  return {
    width,
    height,
    left,
    right,
    top,
    bottom,
    x: (t) => left + ((t - from) / length) * (right - left),
    y: (value) => bottom - (value / max) * (bottom - top),
    timeAt: (x) => from + ((x - left) / Math.max(1, right - left)) * length,
  }
}

export function pathOf(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('')
}
