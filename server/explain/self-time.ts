import type { SampledSpan, Unit } from './sample.ts'

export type Interval = { from: number; to: number }

/** When each span of a trace did work of its own: its time within the trace, less its children's. */
export function ownTimes(trace: Unit): { span: SampledSpan; intervals: Interval[] }[] {
  const childrenOf = groupByParent(trace.spans)
  const whole = { from: trace.startUs, to: trace.endUs }
  return trace.spans.map((span) => {
    const within = clip({ from: span.startUs, to: span.endUs }, whole)
    const children = childrenOf.get(span)
    if (children === undefined) return { span, intervals: [within] }
    const covered = children.map((child) => clip({ from: child.startUs, to: child.endUs }, within))
    return { span, intervals: subtract(within, merge(covered)) }
  })
}

/** Microseconds covered by the intervals; where several overlap, time passes once. */
export function coveredUs(intervals: readonly Interval[]): number {
  const [first] = intervals
  if (first === undefined) return 0
  if (intervals.length === 1) return first.to - first.from
  return merge(intervals).reduce((sum, { from, to }) => sum + to - from, 0)
}

/** A span whose parent has not come counts as the root's child, so that its time is not the root's. */
function groupByParent(spans: readonly SampledSpan[]): Map<SampledSpan, SampledSpan[]> {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const root = spans.find((span) => span.parentSpanId === null)
  const children = new Map<SampledSpan, SampledSpan[]>()
  for (const span of spans) {
    if (span === root) continue
    const named = span.parentSpanId === null ? undefined : byId.get(span.parentSpanId)
    const parent = named === span ? root : (named ?? root)
    if (parent === undefined) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [span])
    else siblings.push(span)
  }
  return children
}

function clip({ from, to }: Interval, within: Interval): Interval {
  const start = Math.max(from, within.from)
  return { from: start, to: Math.max(start, Math.min(to, within.to)) }
}

function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = []
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    if (to <= from) continue
    const last = merged.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

/** What is left of `whole` without the merged `parts` inside it. */
function subtract(whole: Interval, parts: readonly Interval[]): Interval[] {
  const left: Interval[] = []
  let at = whole.from
  for (const { from, to } of parts) {
    if (from > at) left.push({ from: at, to: from })
    at = Math.max(at, to)
  }
  if (whole.to > at) left.push({ from: at, to: whole.to })
  return left
}
