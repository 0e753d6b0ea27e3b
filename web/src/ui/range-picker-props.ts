import type { RangeInput } from '../lib/range-input.ts'
import type { Zone } from '../lib/zone.ts'

export type ChosenRange = Exclude<RangeInput, { status: 'invalid' }>
export type RangePickerProps = {
  t: string
  fixed: { from: number; to: number } | null
  zone: Zone
  now: () => number
  onRange: (range: ChosenRange) => void
  onShift: (direction: -1 | 1) => void
  onZoom: (factor: 0.5 | 2) => void
  onZone: (tz: string | undefined) => void
}
