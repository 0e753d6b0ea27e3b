import type { SampledSpan, Unit } from './sample.ts'
import { coveredUs, ownTimes, type Interval } from './self-time.ts'
import type { WorseKind } from './worse-part.ts'

/** Fields whose part in a trace is measured, not only whether it has them. */
export const MEASURED_FIELDS = ['tool', 'model', 'step'] as const
export type MeasuredField = (typeof MEASURED_FIELDS)[number]

type Visit = (field: string, value: string) => void

/** Visits every value that a unit carries, some of them several times. */
export function visitValues(unit: Unit, kind: WorseKind, visit: Visit): void {
  for (const span of unit.spans) visitSpan(span, visit)
  if (kind !== 'errors') {
    for (const span of unit.spans) visitBlamed(span, visit)
    visit('status', unit.isError ? 'error' : 'ok')
    return
  }
  // A trace that failed has models and tools that did not: those at fault are told apart.
  for (const span of failedFirst(unit)) visitBlamed(span, visit)
}

export function measuredValue(span: SampledSpan, field: MeasuredField): string | null {
  switch (field) {
    case 'tool':
      return span.tool
    case 'model':
      return span.model
    case 'step':
      return span.name
  }
}

function visitSpan(span: SampledSpan, visit: Visit): void {
  if (span.service !== null) visit('service', span.service)
  if (span.environment !== null) visit('environment', span.environment)
  if (span.release !== null) visit('release', span.release)
  if (span.provider !== null) visit('provider', span.provider)
  if (span.operation !== null) visit('operation', span.operation)
  if (span.prompt !== null) visit('prompt', span.prompt)
  if (span.user !== null) visit('user', span.user)
  if (span.session !== null) visit('session', span.session)
  for (const tag of span.tags) visit('tag', tag)
  for (const reason of span.finishReasons) visit('finish_reason', reason)
}

function visitBlamed(span: SampledSpan, visit: Visit): void {
  for (const field of MEASURED_FIELDS) {
    const value = measuredValue(span, field)
    if (value !== null) visit(field, value)
  }
  if (span.errorType !== null) visit('error.type', span.errorType)
}

/** The failed spans that no failed span below them explains. */
function failedFirst({ spans }: Unit): SampledSpan[] {
  const failed = spans.filter((span) => span.isError)
  const parents = new Set(failed.map((span) => span.parentSpanId))
  return failed.filter((span) => !parents.has(span.spanId))
}

export type Amount = { field: MeasuredField; value: string; amount: number }

/**
 * How much of what the metric looks at each tool, model and step of a trace accounts for: time of
 * its own, cost or tokens.
 */
export function amountsOf(trace: Unit, kind: WorseKind): Amount[] {
  return kind === 'latency' ? ownTimesByValue(trace) : sumsByValue(trace, kind)
}

function sumsByValue(trace: Unit, kind: WorseKind): Amount[] {
  const amounts: Amount[] = []
  for (const span of trace.spans) {
    const amount = (kind === 'cost' ? span.costNanoUsd : span.tokens) ?? 0
    for (const field of MEASURED_FIELDS) {
      const value = measuredValue(span, field)
      if (value === null) continue
      const known = amounts.find((one) => one.field === field && one.value === value)
      if (known === undefined) amounts.push({ field, value, amount })
      else known.amount += amount
    }
  }
  return amounts
}

function ownTimesByValue(trace: Unit): Amount[] {
  const own = ownTimes(trace)
  return MEASURED_FIELDS.flatMap((field) => {
    const byValue = new Map<string, Interval[]>()
    for (const { span, intervals } of own) {
      const value = measuredValue(span, field)
      if (value === null) continue
      const known = byValue.get(value)
      if (known === undefined) byValue.set(value, [...intervals])
      else known.push(...intervals)
    }
    return [...byValue].map(([value, parts]) => ({ field, value, amount: coveredUs(parts) }))
  })
}

/** The whole that the amounts are parts of. */
export function totalOf(trace: Unit, kind: WorseKind): number {
  if (kind === 'latency') return trace.endUs - trace.startUs
  return (kind === 'cost' ? trace.costNanoUsd : trace.tokens) ?? 0
}
