import type { ExplainItem, MetricScope } from '../contract/index.ts'
import { findSameSteps } from './same-steps.ts'
import type { Unit } from './sample.ts'
import { growthOf, isLarger, type Moments, type Share } from './statistics.ts'
import { Tally, type Carriers } from './tally.ts'
import { MEASURED_FIELDS, measuredValue } from './values.ts'
import type { WorseKind, WorsePart } from './worse-part.ts'

export type Comparison = {
  kind: WorseKind
  scope: MetricScope
  range: readonly Unit[]
  baseline: readonly Unit[]
  worse: WorsePart
}

const MAX_ITEMS = 20
/** Fewer carriers show nothing. */
const MIN_CARRIERS = 5
/** With fewer failures before, their shares say little about what usually fails. */
const MIN_FAILED = 5
const BLAMED_FIELDS: readonly string[] = [...MEASURED_FIELDS, 'error.type']
const MEASURED: readonly string[] = MEASURED_FIELDS
const MEASURED_KINDS: readonly WorseKind[] = ['latency', 'cost', 'tokens']

/** What is over-represented in the worse part, by what it explains of the growth. */
export function rankItems(comparison: Comparison): ExplainItem[] {
  const { kind, scope, range, baseline, worse } = comparison
  const sizes = {
    range: range.length,
    baseline: baseline.length,
    worse: range.filter((unit) => worse.holds(unit)).length,
    baselineWorse: baseline.filter((unit) => worse.holds(unit)).length,
  }
  if (sizes.worse === 0) return []
  const measures = scope === 'trace' && MEASURED_KINDS.includes(kind)
  const tally = new Tally({ kind, worse, measures })
  for (const unit of range) tally.addRange(unit)
  for (const unit of baseline) tally.addBaseline(unit)
  const usual = usualShares(comparison, sizes)
  const items = tally.all().flatMap((carriers) => {
    const isMeasured = measures && MEASURED.includes(carriers.field)
    const growth = isMeasured ? growthShare(carriers, tally, sizes) : undefined
    return toItem(carriers, sizes, { usual: usual(carriers), growth }) ?? []
  })
  const doubles = findSameSteps([...range, ...baseline])
  return items
    .filter((item) => item.field !== 'step' || !doubles.has(item.value))
    .toSorted(byContribution)
    .slice(0, MAX_ITEMS)
}

type Sizes = Record<'range' | 'baseline' | 'worse' | 'baselineWorse', number>

function toItem(
  carriers: Carriers,
  sizes: Sizes,
  { usual, growth }: { usual: Share; growth: number | undefined },
): ExplainItem | undefined {
  const share = carriers.worse / sizes.worse
  const baselineShare = usual.of === 0 ? 0 : usual.count / usual.of
  const isMore =
    carriers.worse >= MIN_CARRIERS &&
    share > baselineShare &&
    isLarger({ count: carriers.worse, of: sizes.worse }, usual)
  if (!isMore && (growth ?? 0) === 0) return undefined
  return {
    field: carriers.field,
    value: carriers.value,
    share,
    baselineShare,
    lift: baselineShare === 0 ? null : share / baselineShare,
    n: carriers.worse,
    contribution: growth ?? Math.max(0, shareOfGrowth(carriers, sizes) - baselineShare),
  }
}

/**
 * Of the units that are worse beyond what was usual, the share that carry the value; 0 where no
 * more of them are worse than before. With a baseline that has none it is the share itself.
 */
function shareOfGrowth(carriers: Carriers, sizes: Sizes): number {
  const rate = { count: sizes.worse, of: sizes.range }
  const before = { count: sizes.baselineWorse, of: sizes.baseline }
  // All of a range is its worse part: then growth is not a matter of rates.
  if (sizes.worse === sizes.range && sizes.baselineWorse === sizes.baseline) {
    return carriers.worse / sizes.worse
  }
  if (!isLarger(rate, before)) return 0
  const ofBaseline = (count: number) => (sizes.baseline === 0 ? 0 : count / sizes.baseline)
  const grown = carriers.worse / sizes.range - ofBaseline(carriers.baselineWorse)
  const whole = sizes.worse / sizes.range - ofBaseline(sizes.baselineWorse)
  return Math.min(1, Math.max(0, grown / whole))
}

/** The part of the growth of the mean that the growth of a tool, model or step makes up. */
function growthShare(carriers: Carriers, tally: Tally, sizes: Sizes): number {
  const of = (range: Moments, baseline: Moments) =>
    growthOf({ moments: range, n: sizes.range }, { moments: baseline, n: sizes.baseline })
  const whole = of(tally.rangeTotal, tally.baselineTotal)
  if (whole === 0) return 0
  return Math.min(1, of(carriers.rangeAmount, carriers.baselineAmount) / whole)
}

/**
 * The share a value is compared with: of the baseline. What is blamed for failures is compared with
 * what was to blame before, or where hardly anything failed, with its share of all steps.
 */
function usualShares({ kind, baseline }: Comparison, sizes: Sizes): (carriers: Carriers) => Share {
  const ofAll = (carriers: Carriers) => ({ count: carriers.baseline, of: sizes.baseline })
  if (kind !== 'errors') return ofAll
  const isBlamed = ({ field }: Carriers) => BLAMED_FIELDS.includes(field)
  if (sizes.baselineWorse >= MIN_FAILED) {
    return (carriers) =>
      isBlamed(carriers)
        ? { count: carriers.baselineWorse, of: sizes.baselineWorse }
        : ofAll(carriers)
  }
  const stepShares = shareOfSteps(baseline)
  return (carriers) =>
    isBlamed(carriers)
      ? { count: stepShares.get(keyOf(carriers.field, carriers.value)) ?? 0, of: sizes.baseline }
      : ofAll(carriers)
}

/** For each tool, model and step the sum over units of its share of the unit's spans below the root. */
function shareOfSteps(units: readonly Unit[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { spans } of units) {
    const steps = spans.length === 1 ? spans : spans.filter((span) => span.parentSpanId !== null)
    for (const step of steps) {
      for (const field of MEASURED_FIELDS) {
        const value = measuredValue(step, field)
        if (value === null) continue
        const key = keyOf(field, value)
        sums.set(key, (sums.get(key) ?? 0) + 1 / steps.length)
      }
    }
  }
  return sums
}

function keyOf(field: string, value: string): string {
  return `${field}:${value}`
}

const FIELD_ORDER = ['tool', 'error.type', 'model', 'release', 'prompt', 'step']

function byContribution(a: ExplainItem, b: ExplainItem): number {
  return (
    b.contribution - a.contribution ||
    b.share - b.baselineShare - (a.share - a.baselineShare) ||
    placeOf(a.field) - placeOf(b.field) ||
    (a.value < b.value ? -1 : 1)
  )
}

function placeOf(field: string): number {
  const place = FIELD_ORDER.indexOf(field)
  return place < 0 ? FIELD_ORDER.length : place
}
