import { formatFixed } from '../../lib/format.ts'

export type Delta = {
  status: 'change' | 'small' | 'none'
  /** Signed where flat; with a direction the mark before it says which way. */
  text: string
  direction: 'up' | 'down' | 'flat'
}

export const NO_DELTA: Delta = { status: 'none', text: 'nothing before', direction: 'flat' }

type Total = { value: number | null; n: number }

/** Under this many calls in either period a change is not told. */
const MIN_N = 100
/** Changes below this share are drawn as flat. */
const FLAT_SHARE = 0.1
const FLAT_POINTS = 0.1

/** Below this share of buckets with data the period before is no yardstick. */
const MIN_COVERAGE = 0.9

export function isComparable(coverage: number): boolean {
  return coverage >= MIN_COVERAGE
}

/** Change against the period of the same length just before; rates in percentage points. */
export function deltaOf(now: Total, before: Total, unit: string): Delta {
  if (before.n === 0 || before.value === null || now.value === null) {
    return NO_DELTA
  }
  if (now.n < MIN_N || before.n < MIN_N) {
    return { status: 'small', text: `n ${Math.min(now.n, before.n)} too small`, direction: 'flat' }
  }
  if (unit === 'ratio') {
    const points = (now.value - before.value) * 100
    return change(points, `${formatFixed(Math.abs(points), 2)} pp`, FLAT_POINTS)
  }
  if (before.value === 0) return { status: 'none', text: 'zero before', direction: 'flat' }
  const share = now.value / before.value - 1
  const percent = Math.abs(share) * 100
  return change(share, `${formatFixed(percent, percent < 10 ? 1 : 0)}%`, FLAT_SHARE)
}

function change(amount: number, size: string, flatBelow: number): Delta {
  const sign = amount < 0 ? '−' : '+'
  if (Math.abs(amount) < flatBelow)
    return { status: 'change', text: sign + size, direction: 'flat' }
  return {
    status: 'change',
    text: size,
    direction: amount > 0 ? 'up' : 'down',
  }
}
