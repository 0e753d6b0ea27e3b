import { logChiSquareUpperTail } from './chi-square.ts'

export type Smoothing =
  | { kind: 'none' }
  | { kind: 'additive'; alpha: number }
  | { kind: 'floor'; epsilon: number }

export type Psi = {
  psi: number
  /** What PSI is expected to be without any shift. */
  bias: number
  debiased: number
  /** PSI / (1/m + 1/n): chi-square with bins - 1 degrees of freedom when nothing shifted. */
  scaled: number
  pValue: number
  logPValue: number
  /** Part of each bin in `psi`. */
  parts: number[]
}

/** Population stability index (natural log) of counts in aligned bins; both samples non-empty. */
export function populationStability(
  reference: readonly number[],
  current: readonly number[],
  smoothing: Smoothing = { kind: 'additive', alpha: 0.5 },
): Psi {
  const m = total(reference)
  const n = total(current)
  const bins = reference.length
  const parts = reference.map((count, i) => {
    const p = share(count, { total: m, bins, smoothing })
    const q = share(current[i] ?? 0, { total: n, bins, smoothing })
    return (q - p) * Math.log(q / p)
  })
  const psi = total(parts)
  const unit = 1 / m + 1 / n
  const bias = (bins - 1) * unit
  const scaled = psi / unit
  const logPValue = logChiSquareUpperTail(scaled, bins - 1)
  return {
    psi,
    bias,
    debiased: Math.max(0, psi - bias),
    scaled,
    pValue: Math.exp(logPValue),
    logPValue,
    parts,
  }
}

function share(
  count: number,
  sample: { total: number; bins: number; smoothing: Smoothing },
): number {
  const { smoothing, bins } = sample
  switch (smoothing.kind) {
    case 'none':
      return count / sample.total
    case 'additive':
      return (count + smoothing.alpha) / (sample.total + smoothing.alpha * bins)
    case 'floor':
      return Math.max(count / sample.total, smoothing.epsilon)
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
