import { durationText } from '../../lib/format.ts'
import type { PageStatus } from '../../shell/StatusBar.tsx'
import type { Completeness } from './completeness.ts'
import type { TraceModel } from './trace-node.ts'

const KEYS = [
  { keys: ['J', 'K'], label: 'span' },
  { keys: ['←', '→'], label: 'fold' },
  { keys: ['E'], label: 'next error' },
  { keys: ['P'], label: 'path' },
  { keys: ['/'], label: 'find' },
  { keys: ['Y'], label: 'copy span link' },
]

/** What the status bar says of a trace. */
export function statusOf({ text }: Completeness, { maxSkewMs }: TraceModel): PageStatus {
  const skew = maxSkewMs > 0 ? [{ label: 'clock skew', value: durationText(maxSkewMs) }] : []
  return { facts: skew, note: text, keys: KEYS }
}
