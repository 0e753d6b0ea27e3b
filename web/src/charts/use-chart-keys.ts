import type { FocusEvent, KeyboardEvent } from 'react'
import { announce } from './announce.ts'
import { bucketOf, stretchOf, togglePin, type ChartInput } from './chart-input.ts'
import { rowAt, type Row } from './rows.ts'

/**
 * Arrows, Home and End move the crosshair, with shift they select a stretch; Enter opens the bucket
 * or zooms into the stretch, Space pins, Backspace goes back, Escape lets go.
 */
export function useChartKeys(input: ChartInput) {
  const { rows, stepMs, hover, selection, setSelection, onOpen, onZoom, onZoomOut } = input

  const moveTo = (index: number, isSelecting: boolean): void => {
    const before = rowAt(rows, stepMs, hover.get()) ?? rows.at(-1)
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined || before === undefined) return
    if (hover.isPinned()) hover.pin(row.t, input.chartId)
    hover.set(row.t)
    announce(input.describe(row))
    if (!isSelecting || onZoom === undefined) return setSelection(null)
    setSelection(stretchOf(anchorOf(before, input), row.t, stepMs))
  }
  const onEnter = (row: Row | undefined): void => {
    if (selection !== null) onZoom?.(selection)
    else if (row !== undefined) onOpen?.(bucketOf(row.t, stepMs))
    setSelection(null)
  }
  const onEscape = (): void => {
    hover.pin(null)
    hover.set(null)
    setSelection(null)
  }

  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>): void => {
    const row = rowAt(rows, stepMs, hover.get())
    const index = row === undefined ? rows.length : rows.indexOf(row)
    const runs: Record<string, () => void> = {
      ArrowLeft: () => moveTo(index - 1, event.shiftKey),
      ArrowRight: () => moveTo(index + 1, event.shiftKey),
      Home: () => moveTo(0, event.shiftKey),
      End: () => moveTo(rows.length - 1, event.shiftKey),
      Enter: () => onEnter(row),
      ' ': () => row !== undefined && togglePin(input, row.t),
      ...(onZoomOut === undefined ? {} : { Backspace: onZoomOut }),
      // Escape of a chart at rest belongs to whatever lies around it.
      ...(row === undefined && selection === null ? {} : { Escape: onEscape }),
    }
    const run = runs[event.key]
    if (run === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    run()
  }
  const onBlur = (event: FocusEvent<SVGSVGElement>): void => {
    setSelection(null)
    if (!event.currentTarget.matches(':hover')) hover.set(null)
  }
  return { onKeyDown, onBlur }
}

/** The end of the stretch that stays where it is. */
function anchorOf(before: Row, { selection, stepMs }: ChartInput): number {
  if (selection === null) return before.t
  return selection.from === before.t ? selection.to - stepMs : selection.from
}
