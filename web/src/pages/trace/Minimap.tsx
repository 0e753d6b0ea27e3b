import { IconArrowsMaximize, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { durationText } from '../../lib/format.ts'
import { MAP_LANES, MAP_WIDTH, minimapPaths } from './minimap-paths.ts'
import type { TraceModel } from './trace-node.ts'
import { movedBy, percentOf, zoomedBy, type Zoom } from './zoom.ts'

type MinimapProps = {
  model: TraceModel
  zoom: Zoom
  isWhole: boolean
  /** The whole trace again: null. */
  onZoom: (zoom: Zoom | null) => void
}
type Edge = 'fromMs' | 'toMs'
type Drag = { part: Edge | 'window'; atMs: number; zoom: Zoom }

const BUTTON_FACTOR = 2
const KEY_SHARE = 0.02
const ICON = { size: 14, 'aria-hidden': true } as const

/** The whole trace in one strip; the part that the waterfall shows is framed and can be dragged. */
export function Minimap({ model, zoom, isWhole, onZoom }: MinimapProps) {
  const { lengthMs } = model
  const paths = useMemo(() => minimapPaths(model), [model])
  const map = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<Drag | null>(null)
  const middle = (zoom.fromMs + zoom.toMs) / 2
  const full: Zoom = { fromMs: 0, toMs: lengthMs }
  const onDown = (part: Drag['part']) => (event: PointerEvent<HTMLElement>) => {
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ part, atMs: instantOf(event, map.current, lengthMs), zoom })
  }
  const onMove = (event: PointerEvent<HTMLElement>): void => {
    if (drag === null) return
    const byMs = instantOf(event, map.current, lengthMs) - drag.atMs
    onZoom(draggedZoom(drag, byMs, lengthMs))
  }
  const handlers = {
    onPointerMove: onMove,
    onPointerUp: () => setDrag(null),
    onPointerCancel: () => setDrag(null),
  }
  const edge = (part: Edge, label: string) => (
    <Handle
      label={label}
      atMs={zoom[part]}
      lengthMs={lengthMs}
      onStep={(byMs) => onZoom(draggedZoom({ part, atMs: 0, zoom }, byMs, lengthMs))}
      onPointerDown={onDown(part)}
      {...handlers}
    />
  )
  return (
    <div className="mini">
      <div className="mini-map" ref={map} data-testid="minimap">
        <svg
          viewBox={`0 0 ${MAP_WIDTH} ${MAP_LANES}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`All ${model.nodes.length} spans over ${durationText(lengthMs)}`}
        >
          {paths.map(({ color, d }) => (
            <path key={color} d={d} stroke={color} strokeWidth={0.85} fill="none" />
          ))}
        </svg>
        <div
          className="mini-shade"
          style={{ left: 0, width: `${percentOf(zoom.fromMs, full)}%` }}
        />
        <div className="mini-shade" style={{ left: `${percentOf(zoom.toMs, full)}%`, right: 0 }} />
        <div
          className="mini-window"
          style={{
            left: `${percentOf(zoom.fromMs, full)}%`,
            width: `${((zoom.toMs - zoom.fromMs) / lengthMs) * 100}%`,
          }}
          onPointerDown={onDown('window')}
          {...handlers}
        />
        {edge('fromMs', 'Start of the part shown')}
        {edge('toMs', 'End of the part shown')}
      </div>
      <div className="mini-buttons" role="group" aria-label="Zoom">
        <button
          type="button"
          className="btn ghost icon"
          aria-label="Zoom in"
          title="Zoom in"
          onClick={() => onZoom(zoomedBy(zoom, 1 / BUTTON_FACTOR, middle))}
        >
          <IconZoomIn {...ICON} />
        </button>
        <button
          type="button"
          className="btn ghost icon"
          aria-label="Zoom out"
          title="Zoom out"
          disabled={isWhole}
          onClick={() => onZoom(zoomedBy(zoom, BUTTON_FACTOR, middle))}
        >
          <IconZoomOut {...ICON} />
        </button>
        <button
          type="button"
          className="btn ghost icon"
          aria-label="Show the whole trace"
          title="Show the whole trace"
          disabled={isWhole}
          onClick={() => onZoom(null)}
        >
          <IconArrowsMaximize {...ICON} />
        </button>
      </div>
    </div>
  )
}

type HandleProps = {
  label: string
  atMs: number
  lengthMs: number
  onStep: (byMs: number) => void
  onPointerDown: (event: PointerEvent<HTMLElement>) => void
  onPointerMove: (event: PointerEvent<HTMLElement>) => void
  onPointerUp: () => void
  onPointerCancel: () => void
}

function Handle({ label, atMs, lengthMs, onStep, ...pointer }: HandleProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const sign = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
    if (sign === undefined) return
    event.preventDefault()
    onStep(sign * lengthMs * KEY_SHARE)
  }
  return (
    <div
      className="mini-handle"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.round(lengthMs)}
      aria-valuenow={Math.round(atMs)}
      aria-valuetext={durationText(atMs)}
      style={{ left: `${(atMs / lengthMs) * 100}%` }}
      onKeyDown={onKeyDown}
      {...pointer}
    />
  )
}

function draggedZoom({ part, zoom }: Drag, byMs: number, lengthMs: number): Zoom {
  if (part === 'window') return movedBy(zoom, byMs, lengthMs)
  const least = lengthMs / 200
  return part === 'fromMs'
    ? { ...zoom, fromMs: Math.min(Math.max(0, zoom.fromMs + byMs), zoom.toMs - least) }
    : { ...zoom, toMs: Math.max(Math.min(lengthMs, zoom.toMs + byMs), zoom.fromMs + least) }
}

function instantOf(
  { clientX }: { clientX: number },
  element: HTMLElement | null,
  lengthMs: number,
): number {
  if (element === null) return 0
  const { left, width } = element.getBoundingClientRect()
  return ((clientX - left) / width) * lengthMs
}
