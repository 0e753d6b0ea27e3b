import { useRef, type KeyboardEvent, type PointerEvent } from 'react'

type DividerProps = {
  /** Share of the width that the left side has, in percent. */
  value: number
  onChange: (value: number) => void
}

export const LEAST_PERCENT = 30
export const MOST_PERCENT = 75
const KEY_STEP = 2

/** The line between two sides, moved by pointer or arrow keys. */
export function Divider({ value, onChange }: DividerProps) {
  const isDragged = useRef(false)
  const set = (percent: number): void =>
    onChange(Math.min(MOST_PERCENT, Math.max(LEAST_PERCENT, percent)))
  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    const frame = event.currentTarget.parentElement?.getBoundingClientRect()
    if (!isDragged.current || frame === undefined) return
    set(((event.clientX - frame.left) / frame.width) * 100)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key]
    const edge = { Home: LEAST_PERCENT, End: MOST_PERCENT }[event.key]
    if (step === undefined && edge === undefined) return
    event.preventDefault()
    set(edge ?? value + (step ?? 0))
  }
  return (
    <div
      className="divider"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the waterfall"
      aria-valuemin={LEAST_PERCENT}
      aria-valuemax={MOST_PERCENT}
      aria-valuenow={Math.round(value)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        isDragged.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        isDragged.current = false
      }}
      onPointerCancel={() => {
        isDragged.current = false
      }}
    />
  )
}
