import type { SampledSpan, Unit } from './sample.ts'

/** Shared spans ÷ spans of either, from which on two names mean the same spans. */
const SAME_FROM = 0.95
const FIELDS = ['tool', 'model'] as const

/** Names of steps that are the spans of one tool or one model, called otherwise. */
export function findSameSteps(units: readonly Unit[]): Set<string> {
  const spans = units.flatMap((unit) => unit.spans)
  const counts = countBy(spans, (span) => span.name)
  return new Set(FIELDS.flatMap((field) => stepsOf(spans, counts, field)))
}

function stepsOf(
  spans: readonly SampledSpan[],
  counts: ReadonlyMap<string, number>,
  field: 'tool' | 'model',
): string[] {
  const named = spans.filter((span) => span[field] !== null)
  const others = countBy(named, (span) => span[field] ?? '')
  const same: string[] = []
  for (const [step, ofStep] of Map.groupBy(named, (span) => span.name)) {
    for (const [other, both] of countBy(ofStep, (span) => span[field] ?? '')) {
      const either = (counts.get(step) ?? 0) + (others.get(other) ?? 0) - both
      if (both / either >= SAME_FROM) same.push(step)
    }
  }
  return same
}

function countBy(
  spans: readonly SampledSpan[],
  nameOf: (span: SampledSpan) => string,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const span of spans) {
    const name = nameOf(span)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
