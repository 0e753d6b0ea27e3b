import type { Compare } from '../../lib/url-state.ts'
import { spanText } from '../../lib/format.ts'
import { clockText, dayClockText, type Zone } from '../../lib/zone.ts'

/** What the page's numbers are held against, and how far back that lies. */
export type Comparison = { kind: Compare; shiftMs: number }

const DAY_MS = 86_400_000

export function comparisonOf(kind: Compare, lengthMs: number): Comparison {
  switch (kind) {
    case '1d':
      return { kind, shiftMs: DAY_MS }
    case '7d':
      return { kind, shiftMs: 7 * DAY_MS }
    case 'prev':
    case 'off':
      return { kind, shiftMs: lengthMs }
  }
}

/** When the value compared with was: `at 13:41`, `yesterday`, `a week before`. */
export function beforeText({ kind, shiftMs }: Comparison, t: number, zone: Zone): string {
  if (kind === '1d') return 'yesterday'
  if (kind === '7d') return 'a week before'
  const at = t - shiftMs
  return `at ${shiftMs >= DAY_MS / 2 ? dayClockText(at, zone) : clockText(at, zone)}`
}

/** Names the whole period compared with: `the hour before`, `yesterday`. */
export function periodText({ kind, shiftMs }: Comparison): string {
  if (kind === '1d') return 'yesterday'
  if (kind === '7d') return 'a week before'
  if (shiftMs === 3_600_000) return 'the hour before'
  if (shiftMs === DAY_MS) return 'the day before'
  return `the ${spanText(shiftMs)} before`
}
