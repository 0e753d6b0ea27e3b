import { IconChevronDown } from '@tabler/icons-react'
import { spanText } from '../lib/format.ts'
import { COMPARES, type Compare } from '../lib/url-state.ts'

type ComparePickerProps = {
  compare: Compare
  lengthMs: number
  onCompare: (compare: Compare) => void
}

/** What the figures are compared with. The browser's own list: it works with every device. */
export function ComparePicker({ compare, lengthMs, onCompare }: ComparePickerProps) {
  return (
    <span className="btn compare">
      <span aria-hidden="true">{compareLabel(compare, lengthMs)}</span>
      <IconChevronDown size={14} aria-hidden="true" />
      <select
        aria-label="Compare with"
        data-testid="compare-picker"
        value={compare}
        onChange={(event) => {
          const chosen = COMPARES.find((one) => one === event.currentTarget.value)
          if (chosen !== undefined) onCompare(chosen)
        }}
      >
        {COMPARES.map((one) => (
          <option key={one} value={one}>
            {compareLabel(one, lengthMs)}
          </option>
        ))}
      </select>
    </span>
  )
}

export function compareLabel(compare: Compare, lengthMs: number): string {
  switch (compare) {
    case 'prev':
      return `vs previous ${lengthMs === 3_600_000 ? 'hour' : spanText(lengthMs)}`
    case '1d':
      return 'vs yesterday'
    case '7d':
      return 'vs last week'
    case 'off':
      return 'no comparison'
  }
}
