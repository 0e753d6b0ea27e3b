import { IconCornerDownLeft } from '@tabler/icons-react'
import { countText } from '../lib/format.ts'
import { bucketOf } from './chart-input.ts'
import type { TimeRange } from './chart-series.ts'
import type { Plot } from './geometry.ts'
import { useHover, useIsPinnedIn } from './hover.ts'
import { rowAt, type Row } from './rows.ts'

type CrosshairChipProps = {
  chartId: string
  plot: Plot
  rows: readonly Row[]
  stepMs: number
  /** Stacks of groups have no count of their own. */
  withN: boolean
  onOpen: (range: TimeRange) => void
}

const CHIP_WIDTH = 132

/** At a pinned time, the way on to its traces: what a touch has instead of a click. */
export function CrosshairChip({ chartId, plot, rows, stepMs, withN, onOpen }: CrosshairChipProps) {
  const at = useHover()
  const isPinned = useIsPinnedIn(chartId)
  const row = rowAt(rows, stepMs, at)
  if (!isPinned || row === undefined || row.isGap) return null
  const x = plot.x(row.t)
  const isLeft = x + 8 + CHIP_WIDTH > plot.right
  return (
    <button
      type="button"
      className="crosshair-chip num"
      data-testid="crosshair-open"
      style={{ top: plot.bottom - 34, left: isLeft ? x - 8 : x + 8 }}
      data-side={isLeft ? 'left' : 'right'}
      onClick={() => onOpen(bucketOf(row.t, stepMs))}
    >
      {withN && `n ${countText(row.n)}`}
      <b>
        open <IconCornerDownLeft size={11} aria-hidden="true" />
      </b>
    </button>
  )
}
