import { IconMinus, IconPlus, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import { spanText } from '../lib/format.ts'
import { parseRangeInput, RANGE_EXAMPLES } from '../lib/range-input.ts'
import { rangeLabel, RANGES } from '../lib/url-state.ts'
import { offsetText, rangeText } from '../lib/zone.ts'
import type { ChosenRange, RangePickerProps } from './range-picker-props.ts'
import { useFocusOnMount } from './use-focus-on-mount.ts'
import { ZoneChoice } from './ZoneChoice.tsx'

const DAYS = ['today', 'yesterday'] as const

export function RangeMenu({ onDone, ...props }: RangePickerProps & { onDone: () => void }) {
  const { t, fixed, zone, now, onRange, onShift, onZoom, onZone } = props
  const choose = (range: ChosenRange): void => {
    onDone()
    onRange(range)
  }
  const chooseDay = (day: string): void => {
    const range = parseRangeInput(day, { now: now(), zone })
    if (range.status !== 'invalid') choose(range)
  }
  return (
    <>
      <OwnRange {...props} onRange={choose} />
      <div className="range-presets" role="group" aria-label="Usual ranges">
        {RANGES.map((range) => (
          <button
            key={range}
            type="button"
            className="menu-item"
            aria-pressed={fixed === null && range === t}
            onClick={() => choose({ status: 'rolling', t: range })}
          >
            {rangeLabel(range)}
            <span className="spacer" />
            <span className="t2 mono">{range}</span>
          </button>
        ))}
        {DAYS.map((day) => (
          <button key={day} type="button" className="menu-item" onClick={() => chooseDay(day)}>
            {day === 'today' ? 'Today' : 'Yesterday'}
          </button>
        ))}
      </div>
      <div className="range-moves" role="group" aria-label="Move the range">
        <Move label="Earlier" keys="," onMove={() => onShift(-1)}>
          <IconChevronLeft size={14} aria-hidden="true" />
        </Move>
        <Move label="Later" keys="." onMove={() => onShift(1)}>
          <IconChevronRight size={14} aria-hidden="true" />
        </Move>
        <Move label="Wider" keys="-" onMove={() => onZoom(2)}>
          <IconMinus size={14} aria-hidden="true" />
        </Move>
        <Move label="Closer" keys="=" onMove={() => onZoom(0.5)}>
          <IconPlus size={14} aria-hidden="true" />
        </Move>
      </div>
      <ZoneChoice zone={zone} now={now} onZone={onZone} />
    </>
  )
}

type MoveProps = { label: string; keys: string; onMove: () => void; children: ReactNode }

function Move({ label, keys, onMove, children }: MoveProps) {
  return (
    <button type="button" className="btn" onClick={onMove}>
      {children}
      {label}
      <kbd className="kbd">{keys}</kbd>
    </button>
  )
}

function OwnRange({ now, zone, onRange }: RangePickerProps) {
  const [text, setText] = useState('')
  const [isRefused, setRefused] = useState(false)
  const input = useFocusOnMount<HTMLInputElement>()
  const range = parseRangeInput(text, { now: now(), zone })
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (range.status === 'invalid') setRefused(true)
    else onRange(range)
  }
  return (
    <form className="own-range" onSubmit={onSubmit} noValidate>
      <input
        ref={input}
        className="search-input"
        aria-label="Range"
        aria-describedby="own-range-meaning"
        aria-invalid={isRefused && range.status === 'invalid'}
        autoComplete="off"
        spellCheck={false}
        placeholder="6h, yesterday, 14:00 to 15:30"
        data-testid="range-input"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setRefused(false)
        }}
      />
      <p
        id="own-range-meaning"
        className={isRefused && range.status === 'invalid' ? 'crit' : 't3'}
        role="status"
        data-testid="range-meaning"
      >
        {meaningOf()}
      </p>
    </form>
  )

  function meaningOf(): string {
    if (text.trim() === '') return `Such as ${RANGE_EXAMPLES}`
    if (range.status === 'invalid') return range.message
    if (range.status === 'rolling') return `${rangeLabel(range.t)}, live`
    const offset = offsetText(range.from, zone)
    return `${rangeText(range, zone, now())}, ${offset}, ${spanText(range.to - range.from)}`
  }
}
