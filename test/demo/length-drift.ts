/** A length and when its call ended. */
export type Length = { at: number; tokens: number }

export type LengthVerdict = {
  isShifted: boolean
  psi: number
  medianFrom: number
  medianTo: number
  n: number
}

const BINS = 10
const WINDOW_MS = 600_000
const WIDEST_WINDOW_MS = 3_600_000
const REFERENCE_MS = 86_400_000
const MIN_SAMPLES = 200
const MIN_PSI = 0.1
const MIN_MEDIAN_CHANGE = 0.07
/** Upper 1e-5 point of chi-square with 9 degrees of freedom. */
const CRITICAL_CHI_SQUARE = 39.3407

/**
 * The product's first-form drift test, written again from its definition, so that the traffic can be
 * judged without a server: last 10 complete minutes (up to 60 until 200 calls) against the 24 h before.
 */
export function judgeLengths(lengths: readonly Length[], now: number): LengthVerdict {
  const end = Math.floor(now / 60_000) * 60_000
  let windowMs = WINDOW_MS
  let current = between(lengths, end - windowMs, end)
  while (current.length < MIN_SAMPLES && windowMs < WIDEST_WINDOW_MS) {
    windowMs += 60_000
    current = between(lengths, end - windowMs, end)
  }
  const reference = between(lengths, end - windowMs - REFERENCE_MS, end - windowMs)
  const edges = quantileEdges(reference)
  const r = countBins(reference, edges)
  const c = countBins(current, edges)
  const scale = 1 / reference.length + 1 / current.length
  let psi = 0
  for (const [bin, count] of r.entries()) {
    const p = (count + 0.5) / (reference.length + BINS / 2)
    const q = ((c[bin] ?? 0) + 0.5) / (current.length + BINS / 2)
    psi += (q - p) * Math.log(q / p)
  }
  const medianFrom = median(reference)
  const medianTo = median(current)
  const debiased = psi - (BINS - 1) * scale
  const isShifted =
    psi / scale > CRITICAL_CHI_SQUARE &&
    debiased >= MIN_PSI &&
    Math.abs(medianTo / medianFrom - 1) >= MIN_MEDIAN_CHANGE
  return { isShifted, psi: debiased, medianFrom, medianTo, n: current.length }
}

/** Sorted lengths of the calls that ended in `[from, to)`. */
function between(lengths: readonly Length[], from: number, to: number): Float64Array {
  const kept = lengths.filter(({ at }) => at >= from && at < to).map(({ tokens }) => tokens)
  return Float64Array.from(kept).sort()
}

function quantileEdges(sorted: Float64Array): number[] {
  return Array.from({ length: BINS - 1 }, (_, index) => quantile(sorted, (index + 1) / BINS))
}

function countBins(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = Array.from({ length: BINS }, () => 0)
  for (const value of sorted) {
    const bin = edges.filter((edge) => value > edge).length
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts
}

function median(sorted: Float64Array): number {
  return quantile(sorted, 0.5)
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
