import { cellIndex, cellUpper } from '../../rollups/sketch.ts'
import type { Sketch } from '../../rollups/sketch.ts'

/** Inner borders of bins, ascending: bin i holds edge[i-1] < x <= edge[i]. */
export type BinEdges = readonly number[]

type Cell = { upper: number; count: number }

/**
 * Borders that part the reference into `bins` of about equal share. Each is a border of the
 * sketch's cells, so that counts in the bins are exact, and the nearest one to its quantile, so
 * that a value many calls share gets a bin of its own. Fewer bins where values are few.
 */
export function quantileBins(reference: Sketch, bins: number): BinEdges {
  const cells = cellsOf(reference)
  const edges = new Set<number>()
  let target = 1
  let below = 0
  cells.forEach((cell, i) => {
    const through = below + cell.count
    for (; target < bins && (target * reference.n) / bins <= through; target += 1) {
      const wanted = (target * reference.n) / bins
      const isLowerNearer = wanted - below < through - wanted
      const edge = isLowerNearer ? cells[i - 1]?.upper : cell.upper
      if (edge !== undefined && edge !== cells.at(-1)?.upper) edges.add(edge)
    }
    below = through
  })
  if (edges.size > 0 || cells.length === 0) return [...edges]
  return aroundSoleBin(reference, cells)
}

/** Counts of a sketch in bins whose edges are borders of its cells. */
export function binCounts(sketch: Sketch, edges: BinEdges): number[] {
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  let bin = 0
  sketch.forEachCell((upper, count) => {
    while (bin < edges.length && upper > (edges[bin] ?? Infinity)) bin += 1
    counts[bin] = (counts[bin] ?? 0) + count
  })
  return counts
}

function cellsOf(sketch: Sketch): Cell[] {
  const cells: Cell[] = []
  sketch.forEachCell((upper, count) => {
    cells.push({ upper, count })
  })
  return cells
}

/** All of the reference in one bin: what leaves it, up or down, must still be seen. */
function aroundSoleBin(reference: Sketch, cells: readonly Cell[]): BinEdges {
  const top = cells.at(-1)?.upper ?? 0
  return [lowerBorder(reference.min), top]
}

function lowerBorder(value: number): number {
  if (value > 0) return cellUpper(cellIndex(value) - 1)
  return value === 0 ? -Number.MIN_VALUE : -cellUpper(cellIndex(-value))
}
