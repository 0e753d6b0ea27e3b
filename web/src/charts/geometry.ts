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

export const MARGIN = { top: 12, right: 16, bottom: 22 } as const

export function plotOf({ width, height, left, domain, max }: PlotInput): Plot {
  const right = width - MARGIN.right
  const bottom = height - MARGIN.bottom
  const [from, to] = domain
  const length = Math.max(1, to - from)
  return {
    width,
    height,
    left,
    right,
    top: MARGIN.top,
    bottom,
    x: (t) => left + ((t - from) / length) * (right - left),
    y: (value) => bottom - (value / max) * (bottom - MARGIN.top),
    timeAt: (x) => from + ((x - left) / Math.max(1, right - left)) * length,
  }
}

export function pathOf(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('')
}
