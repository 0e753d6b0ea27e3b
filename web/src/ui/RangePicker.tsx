import { Popover } from '@mantine/core'
import { IconChevronDown, IconClock } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { rangeLabel } from '../lib/url-state.ts'
import { offsetText, rangeText } from '../lib/zone.ts'
import type { RangePickerProps } from './range-picker-props.ts'

export const loadRangeMenu = () =>
  import('./RangeMenu.tsx').then((part) => ({ default: part.RangeMenu }))
const RangeMenu = lazy(loadRangeMenu)

/** Range and zone of the page; the zone always stands by the range. */
export function RangePicker(props: RangePickerProps) {
  const { t, fixed, zone, now } = props
  const [isOpen, setOpen] = useState(false)
  const label = fixed === null ? rangeLabel(t) : rangeText(fixed, zone)
  const offset = offsetText(fixed?.from ?? now(), zone)
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end">
      <Popover.Target>
        <button
          type="button"
          className="btn"
          data-testid="range-picker"
          onClick={() => setOpen(!isOpen)}
        >
          <IconClock size={14} aria-hidden="true" />
          <span className="sr-only">Range </span>
          <span className="num range-label">{label}</span>
          <small className="num">{offset}</small>
          <IconChevronDown size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="popover range-menu" aria-label="Range and zone" data-keys-off>
        <Suspense>
          <RangeMenu {...props} onDone={() => setOpen(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
