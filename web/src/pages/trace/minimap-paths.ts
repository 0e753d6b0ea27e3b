import { kindOf } from './span-kind.ts'
import type { TraceModel } from './trace-node.ts'

export const MAP_WIDTH = 600
export const MAP_LANES = 17

export type MapPath = { color: string; d: string }

/**
 * All spans as one path a colour on a grid of fixed size: what is drawn does not grow with the
 * trace. In each cell the deepest span stands, and a failed one before all others.
 */
export function minimapPaths({ nodes, lengthMs }: TraceModel): MapPath[] {
  const colors: string[] = ['']
  const indexByColor = new Map<string, number>()
  const cells = new Uint8Array(MAP_WIDTH * MAP_LANES)
  const crit = colorIndex('var(--crit)')
  for (const node of nodes) {
    const lane = Math.floor((node.index / Math.max(nodes.length, MAP_LANES)) * MAP_LANES)
    const isError = node.span.status === 'error'
    const color = isError ? crit : colorIndex(kindOf(node.span.type).color)
    const from = Math.floor((node.startMs / lengthMs) * (MAP_WIDTH - 1))
    const to = Math.max(
      from + 1,
      Math.round(((node.startMs + node.durationMs) / lengthMs) * MAP_WIDTH),
    )
    for (let x = from; x < Math.min(to, MAP_WIDTH); x += 1) {
      const cell = lane * MAP_WIDTH + x
      if (isError || cells[cell] !== crit) cells[cell] = color
    }
  }
  return pathsOf(cells, colors)

  function colorIndex(color: string): number {
    const known = indexByColor.get(color)
    if (known !== undefined) return known
    indexByColor.set(color, colors.length)
    colors.push(color)
    return colors.length - 1
  }
}

function pathsOf(cells: Uint8Array, colors: readonly string[]): MapPath[] {
  const parts: string[][] = colors.map(() => [])
  for (let lane = 0; lane < MAP_LANES; lane += 1) {
    for (let x = 0; x < MAP_WIDTH;) {
      const color = cells[lane * MAP_WIDTH + x] ?? 0
      const from = x
      while (x < MAP_WIDTH && (cells[lane * MAP_WIDTH + x] ?? 0) === color) x += 1
      if (color !== 0) parts[color]?.push(`M${from} ${lane + 0.5}H${x}`)
    }
  }
  return colors.flatMap((color, index) => {
    const d = parts[index]?.join('') ?? ''
    return d === '' ? [] : [{ color, d }]
  })
}
