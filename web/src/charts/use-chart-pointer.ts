import { useRef, type MouseEvent, type PointerEvent } from 'react'
import { bucketOf, stretchOf, togglePin, type ChartInput } from './chart-input.ts'
import type { Row } from './rows.ts'

type Drag = { x: number; t: number; isMoving: boolean }
type SvgPointerEvent = PointerEvent<SVGSVGElement>

const DRAG_FROM_PX = 5
/** A click waits so long for a second one, only where a double click means something. */
const DOUBLE_CLICK_MS = 250

/**
 * Move = crosshair, click = open the bucket, drag = select a stretch, double click = back. A click
 * on the time flag under the plot, with shift, or by touch (which cannot hover) pins the time.
 */
export function useChartPointer(input: ChartInput) {
  const { plot, rows, stepMs, hover, selection, setSelection, onZoom } = input
  const drag = useRef<Drag | null>(null)
  const { onClicked, onDoubleClick } = useClicks(input)

  const rowNear = (x: number): Row | undefined => {
    const index = Math.round((plot.timeAt(x) - (rows[0]?.t ?? 0)) / stepMs)
    return rows[Math.max(0, Math.min(rows.length - 1, index))]
  }
  const letGo = (): void => {
    drag.current = null
    setSelection(null)
  }

  return {
    onPointerDown: (event: SvgPointerEvent): void => {
      const { x } = localPoint(event)
      const row = rowNear(x)
      const isOnExemplar = event.target instanceof Element && event.target.closest('.exemplar')
      if (event.button !== 0 || row === undefined || isOnExemplar !== null) return
      drag.current = { x, t: row.t, isMoving: false }
    },
    onPointerMove: (event: SvgPointerEvent): void => {
      const { x } = localPoint(event)
      const row = rowNear(x)
      hover.set(row?.t ?? null)
      const held = drag.current
      if (held === null || row === undefined || onZoom === undefined) return
      if (event.pointerType === 'touch') return
      if (!held.isMoving && Math.abs(x - held.x) > DRAG_FROM_PX) {
        held.isMoving = true
        event.currentTarget.setPointerCapture(event.pointerId)
      }
      if (held.isMoving) setSelection(stretchOf(held.t, row.t, stepMs))
    },
    onPointerUp: (event: SvgPointerEvent): void => {
      const held = drag.current
      letGo()
      if (held === null) return
      if (!held.isMoving) onClicked(event, held.t)
      else if (selection !== null) onZoom?.(selection)
    },
    onPointerCancel: letGo,
    onPointerLeave: (): void => {
      if (drag.current?.isMoving !== true) hover.set(null)
    },
    onDoubleClick,
  }
}

function useClicks(input: ChartInput) {
  const { plot, stepMs, onOpen, onZoomOut } = input
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const onClicked = (event: SvgPointerEvent, t: number): void => {
    const isOnFlag = localPoint(event).y > plot.bottom
    if (event.pointerType === 'touch' || isOnFlag || event.shiftKey || onOpen === undefined) {
      return togglePin(input, t)
    }
    clearTimeout(timer.current)
    if (onZoomOut === undefined) onOpen(bucketOf(t, stepMs))
    else timer.current = setTimeout(() => onOpen(bucketOf(t, stepMs)), DOUBLE_CLICK_MS)
  }
  const onDoubleClick = (event: MouseEvent): void => {
    clearTimeout(timer.current)
    if (onZoomOut === undefined) return
    event.preventDefault()
    onZoomOut()
  }
  return { onClicked, onDoubleClick }
}

function localPoint(event: SvgPointerEvent): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect()
  return { x: event.clientX - box.left, y: event.clientY - box.top }
}
