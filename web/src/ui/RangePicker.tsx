import { Popover, TextInput } from '@mantine/core'
import { IconChevronDown, IconClock } from '@tabler/icons-react'
import { useState, type SubmitEvent } from 'react'
import { parseRange, rangeLabel, RANGES } from '../lib/url-state.ts'
import { clockText, dayClockText, dayText, offsetText, type Zone } from '../lib/zone.ts'

type RangePickerProps = {
  t: string
  fixed: { from: number; to: number } | null
  zone: Zone
  onRange: (t: string) => void
  onToggleZone: () => void
}

export function RangePicker({ t, fixed, zone, onRange, onToggleZone }: RangePickerProps) {
  const [isOpen, setOpen] = useState(false)
  const [openedAt] = useState(() => Date.now())
  const label = fixed === null ? rangeLabel(t) : fixedLabel(fixed, zone)
  const choose = (range: string): void => {
    setOpen(false)
    onRange(range)
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" offset={6} trapFocus>
      <Popover.Target>
        <button
          type="button"
          className="btn"
          data-testid="range-picker"
          onClick={() => setOpen(!isOpen)}
        >
          <IconClock size={14} aria-hidden="true" />
          <span className="num">{label}</span>
          <small className="num">{offsetText(fixed?.from ?? openedAt, zone)}</small>
          <IconChevronDown size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="popover range-menu" aria-label="Range">
        {RANGES.map((range) => (
          <button
            key={range}
            type="button"
            className="menu-item"
            role="menuitemradio"
            aria-checked={fixed === null && range === t}
            onClick={() => choose(range)}
          >
            {rangeLabel(range)}
            <span className="spacer" />
            <span className="t3 mono">{range}</span>
          </button>
        ))}
        <OwnRange onRange={choose} />
        <button type="button" className="menu-item" onClick={onToggleZone}>
          Zone: {zone.name}
          <span className="spacer" />
          <kbd className="kbd">Z</kbd>
        </button>
      </Popover.Dropdown>
    </Popover>
  )
}

function OwnRange({ onRange }: { onRange: (t: string) => void }) {
  const [text, setText] = useState('')
  const isWrong = text !== '' && parseRange(text) === undefined
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (parseRange(text) !== undefined) onRange(text)
  }
  return (
    <form onSubmit={onSubmit}>
      <TextInput
        value={text}
        onChange={(event) => setText(event.currentTarget.value.trim())}
        placeholder="own, such as 45m or 2d"
        aria-label="Own range"
        error={isWrong ? 'A number and m, h or d, up to 90d' : undefined}
      />
    </form>
  )
}

function fixedLabel({ from, to }: { from: number; to: number }, zone: Zone): string {
  if (dayText(from, zone) === dayText(to, zone)) {
    return `${dayText(from, zone)}, ${clockText(from, zone)} to ${clockText(to, zone)}`
  }
  return `${dayClockText(from, zone)} to ${dayClockText(to, zone)}`
}
