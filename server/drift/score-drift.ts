// First form of drift: PSI of the last minutes against the day before, over ten bins at the
// reference's quantiles. Shifted means significant (far beyond chance at any number of looks), of
// notable size (debiased PSI), and visible in units (median).
import type { DriftVerdict } from '../contract/index.ts'
import type { Sketch } from '../rollups/sketch.ts'
import { populationStability } from './statistics/psi.ts'
import { binCounts, quantileBins } from './statistics/quantile-bins.ts'

export const MIN_WINDOW_CALLS = 200
export const MIN_REFERENCE_CALLS = 1_000
export const MIN_REFERENCE_MS = 6 * 3_600_000
/** Evidence is -log10(p): 5 is p = 1e-5. */
export const EVIDENCE_THRESHOLD = 5
const MIN_PSI = 0.1
const MIN_MEDIAN_CHANGE = 0.07
const BINS = 10
const SHOWN_CONTRIBUTIONS = 3

export type DriftInput = {
  current: Sketch
  reference: Sketch
  /** How far back from the window's start the reference holds calls. */
  referenceMs: number
  unit: string
}

export type DriftScore = {
  verdict: DriftVerdict
  /** Debiased PSI; null where nothing could be judged. */
  psi: number | null
  pValue: number | null
  evidence: number | null
  medians: { from: number | null; to: number | null }
  text: string
  contributions: { label: string; share: number; referenceShare: number }[]
}

/** Compares a window with its reference. */
export function scoreDrift(input: DriftInput): DriftScore {
  const { current, reference, referenceMs, unit } = input
  const medians = { from: reference.quantile(0.5), to: current.quantile(0.5) }
  const unjudged = { psi: null, pValue: null, evidence: null, medians, contributions: [] }
  if (reference.n < MIN_REFERENCE_CALLS || referenceMs < MIN_REFERENCE_MS) {
    const text = `learning: ${count(reference.n)} calls over ${hours(referenceMs)} h, needs ${count(MIN_REFERENCE_CALLS)} over ${hours(MIN_REFERENCE_MS)} h`
    return { ...unjudged, verdict: 'learning', text }
  }
  if (current.n < MIN_WINDOW_CALLS) {
    const text = `too few calls: ${count(current.n)} of ${MIN_WINDOW_CALLS}`
    return { ...unjudged, verdict: 'insufficient', text }
  }
  const edges = quantileBins(reference, BINS)
  const referenceCounts = binCounts(reference, edges)
  const currentCounts = binCounts(current, edges)
  const stability = populationStability(referenceCounts, currentCounts)
  const evidence = Math.max(0, -stability.logPValue / Math.LN10)
  const isShifted =
    evidence > EVIDENCE_THRESHOLD &&
    stability.debiased >= MIN_PSI &&
    medianChange(medians) >= MIN_MEDIAN_CHANGE
  return {
    verdict: isShifted ? 'shifted' : 'stable',
    psi: stability.debiased,
    pValue: stability.pValue,
    evidence,
    medians,
    text: `median ${count(medians.from)} → ${count(medians.to)} ${unit}`,
    contributions: stability.parts
      .map((part, i) => ({
        part,
        label: `${binLabel(edges, i)} ${unit}`,
        share: (currentCounts[i] ?? 0) / current.n,
        referenceShare: (referenceCounts[i] ?? 0) / reference.n,
      }))
      .toSorted((a, b) => b.part - a.part)
      .slice(0, SHOWN_CONTRIBUTIONS)
      .map(({ label, share, referenceShare }) => ({ label, share, referenceShare })),
  }
}

/** Change of the median relative to the reference; a median leaving 0 is without measure. */
function medianChange({ from, to }: DriftScore['medians']): number {
  if (from === null || to === null || from === to) return 0
  return from === 0 ? Infinity : Math.abs(to - from) / Math.abs(from)
}

function binLabel(edges: readonly number[], bin: number): string {
  const low = edges[bin - 1]
  const high = edges[bin]
  if (low === undefined) return `up to ${count(high ?? null)}`
  return high === undefined ? `over ${count(low)}` : `${count(low)}–${count(high)}`
}

function count(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en-US')
}

function hours(ms: number): string {
  return (ms / 3_600_000).toLocaleString('en-US', { maximumFractionDigits: 1 })
}
