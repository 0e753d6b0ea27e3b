/** Three standard errors: of some hundred values compared at once, none stands out by chance. */
const Z = 3

export type Share = { count: number; of: number }

/**
 * Whether the first share is larger beyond chance: the lower end of Newcombe's interval for the
 * difference of two proportions lies above 0. It holds for few and for none, too.
 */
export function isLarger(share: Share, than: Share): boolean {
  if (share.of === 0) return false
  const p = share.count / share.of
  const q = than.of === 0 ? 0 : than.count / than.of
  const low = wilson(share).low
  const high = than.of === 0 ? 0 : wilson(than).high
  return p - q - Math.hypot(p - low, high - q) > 0
}

function wilson({ count, of }: Share): { low: number; high: number } {
  const p = count / of
  const centre = (p + (Z * Z) / (2 * of)) / (1 + (Z * Z) / of)
  const half = (Z / (1 + (Z * Z) / of)) * Math.sqrt((p * (1 - p)) / of + (Z * Z) / (4 * of * of))
  return { low: centre - half, high: centre + half }
}

/** Count, sum and sum of squares: enough for a mean and its standard error. */
export class Moments {
  sum = 0
  squares = 0

  add(value: number): void {
    this.sum += value
    this.squares += value * value
  }

  mean(n: number): number {
    return n === 0 ? 0 : this.sum / n
  }

  /** Squared standard error of the mean over `n` values, those not added being 0. */
  meanVariance(n: number): number {
    if (n < 2) return Infinity
    const mean = this.mean(n)
    return Math.max(0, this.squares / n - mean * mean) / (n - 1)
  }
}

/** From fewer values no standard error is to be trusted. */
const MIN_VALUES = 10

/** Growth of a mean from the baseline to the range; 0 where it may be chance. */
export function growthOf(
  range: { moments: Moments; n: number },
  baseline: { moments: Moments; n: number },
): number {
  if (Math.min(range.n, baseline.n) < MIN_VALUES) return 0
  const growth = range.moments.mean(range.n) - baseline.moments.mean(baseline.n)
  const error = Math.sqrt(
    range.moments.meanVariance(range.n) + baseline.moments.meanVariance(baseline.n),
  )
  return growth > Z * error ? growth : 0
}
