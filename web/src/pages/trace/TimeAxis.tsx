import { useEffect, useEffectEvent, useRef, useState, type PointerEvent } from 'react'
import { axisText } from '../../lib/format.ts'
import { percentOf, ticksOf, zoomedBy, type Zoom } from './zoom.ts'

const WHEEL_STEP = 1.2
const LEAST_DRAG_PX = 6

/** Ticks of the part shown. The wheel zooms around the pointer, dragging picks a part. */
export function TimeAxis({ zoom, onZoom }: { zoom: Zoom; onZoom: (zoom: Zoom) => void }) {
  const axis = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const ticks = ticksOf(zoom)
  const stepMs = (ticks[1] ?? zoom.toMs) - (ticks[0] ?? zoom.fromMs)
  const atShare = (share: number): number => zoom.fromMs + share * (zoom.toMs - zoom.fromMs)

  const onWheel = useEffectEvent((event: WheelEvent): void => {
    event.preventDefault()
    const share = shareOf(event, axis.current)
    onZoom(zoomedBy(zoom, event.deltaY > 0 ? WHEEL_STEP : 1 / WHEEL_STEP, atShare(share)))
  })
  useEffect(() => {
    const element = axis.current
    // React's own wheel listener is passive: it could not keep the page from scrolling.
    element?.addEventListener('wheel', onWheel, { passive: false })
    return () => element?.removeEventListener('wheel', onWheel)
  }, [])

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId)
    const share = shareOf(event, axis.current)
    setDrag({ from: share, to: share })
  }
  const onPointerUp = (event: PointerEvent<HTMLDivElement>): void => {
    if (drag === null) return
    const width = event.currentTarget.clientWidth
    const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
    setDrag(null)
    if ((to - from) * width >= LEAST_DRAG_PX) onZoom({ fromMs: atShare(from), toMs: atShare(to) })
  }
  return (
    <div
      ref={axis}
      className="axis"
      role="columnheader"
      aria-label="Time"
      title="Drag to zoom in, or use the wheel"
      onPointerDown={onPointerDown}
      onPointerMove={(event) =>
        drag !== null && setDrag({ ...drag, to: shareOf(event, axis.current) })
      }
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
    >
      {ticks.map((tick) => (
        <span key={tick} className="ax num" style={{ left: `${percentOf(tick, zoom)}%` }}>
          {axisText(tick, 'ms', stepMs)}
        </span>
      ))}
      {drag !== null && (
        <i
          className="axis-drag"
          style={{
            left: `${Math.min(drag.from, drag.to) * 100}%`,
            width: `${Math.abs(drag.to - drag.from) * 100}%`,
          }}
        />
      )}
    </div>
  )
}

function shareOf({ clientX }: { clientX: number }, element: HTMLElement | null): number {
  if (element === null) return 0
  const { left, width } = element.getBoundingClientRect()
  return Math.min(1, Math.max(0, (clientX - left) / width))
}
