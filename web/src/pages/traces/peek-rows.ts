import type { SpanSummary } from '@sightline/server/contract'

export type PeekRow = { span: SpanSummary; depth: number }

const MAX_DEPTH = 8

/** Spans as a tree in reading order: children under their parent, by start; orphans at the top. */
export function peekRows(spans: readonly SpanSummary[]): {
  rows: PeekRow[]
  from: number
  lengthMs: number
} {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const childrenBy = new Map<string | null, SpanSummary[]>()
  for (const span of spans.toSorted((a, b) => a.startTime - b.startTime)) {
    const { parentSpanId } = span
    const parent = parentSpanId !== null && known.has(parentSpanId) ? parentSpanId : null
    childrenBy.set(parent, [...(childrenBy.get(parent) ?? []), span])
  }
  const rows: PeekRow[] = []
  const shown = new Set<string>()
  const stack: PeekRow[] = (childrenBy.get(null) ?? [])
    .toReversed()
    .map((span) => ({ span, depth: 0 }))
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    // A span that names itself or a child as its parent must not go round for ever.
    if (shown.has(row.span.spanId)) continue
    shown.add(row.span.spanId)
    rows.push(row)
    const depth = Math.min(MAX_DEPTH, row.depth + 1)
    const children = childrenBy.get(row.span.spanId) ?? []
    stack.push(...children.toReversed().map((span) => ({ span, depth })))
  }
  const from = Math.min(...spans.map(({ startTime }) => startTime))
  const to = Math.max(...spans.map(({ endTime }) => endTime))
  return { rows, from, lengthMs: Math.max(1, to - from) }
}
