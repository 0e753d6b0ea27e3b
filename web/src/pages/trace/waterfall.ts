import type { SpanSummary } from '@sightline/server/contract'

export type WaterfallRow = {
  span: SpanSummary
  depth: number
  hasChildren: boolean
  isFolded: boolean
  /** Its parent is named but did not come. */
  isOrphan: boolean
}

export type Waterfall = {
  rows: WaterfallRow[]
  start: number
  end: number
  root: SpanSummary | null
  orphanCount: number
}

/** Indented rows in the order of their start; orphans and later roots stand at the top level. */
export function waterfallOf(
  spans: readonly SpanSummary[],
  folded: ReadonlySet<string> = new Set(),
): Waterfall {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const children = new Map<string, SpanSummary[]>()
  const tops: SpanSummary[] = []
  for (const span of spans.toSorted(byStart)) {
    const parent = span.parentSpanId
    if (parent === null || !known.has(parent) || parent === span.spanId) tops.push(span)
    else children.set(parent, [...(children.get(parent) ?? []), span])
  }
  const isOrphan = (span: SpanSummary): boolean => span.parentSpanId !== null
  const roots = tops.filter((span) => !isOrphan(span))
  const rows = rowsOf([...roots, ...tops.filter(isOrphan)], children, folded)
  if (folded.size === 0) addCycles(rows, spans, children)
  return {
    rows,
    start: Math.min(...spans.map(({ startTime }) => startTime)),
    end: Math.max(...spans.map(({ endTime }) => endTime)),
    root: roots[0] ?? null,
    orphanCount: tops.filter(isOrphan).length,
  }
}

function rowsOf(
  tops: readonly SpanSummary[],
  children: ReadonlyMap<string, SpanSummary[]>,
  folded: ReadonlySet<string>,
): WaterfallRow[] {
  const rows: WaterfallRow[] = []
  const seen = new Set<string>()
  const stack = tops.toReversed().map((span) => ({ span, depth: 0 }))
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, depth } = next
    if (seen.has(span.spanId)) continue
    seen.add(span.spanId)
    const kids = children.get(span.spanId) ?? []
    const isFolded = folded.has(span.spanId)
    const isOrphan = depth === 0 && span.parentSpanId !== null
    rows.push({ span, depth, hasChildren: kids.length > 0, isFolded, isOrphan })
    if (!isFolded) stack.push(...kids.toReversed().map((kid) => ({ span: kid, depth: depth + 1 })))
  }
  return rows
}

/** Spans that name each other as parents hang on no top: they are shown all the same. */
function addCycles(
  rows: WaterfallRow[],
  spans: readonly SpanSummary[],
  children: ReadonlyMap<string, SpanSummary[]>,
): void {
  if (rows.length === spans.length) return
  const shown = new Set(rows.map(({ span }) => span.spanId))
  for (const span of spans.toSorted(byStart)) {
    if (shown.has(span.spanId)) continue
    for (const row of rowsOf([span], children, new Set())) {
      if (!shown.has(row.span.spanId)) rows.push({ ...row, isOrphan: row.depth === 0 })
      shown.add(row.span.spanId)
    }
  }
}

export type SpanBar = { left: number; width: number; waitShare: number; durationMs: number }

/** Where a bar lies, in percent of the trace, and which share of it waited for the first token. */
export function barOf(span: SpanSummary, start: number, lengthMs: number): SpanBar {
  const durationMs = span.durationMs ?? span.endTime - span.startTime
  const waits = span.ttftMs !== null && durationMs > 0
  return {
    left: ((span.startTime - start) / lengthMs) * 100,
    width: (durationMs / lengthMs) * 100,
    waitShare: waits ? Math.min(100, ((span.ttftMs ?? 0) / durationMs) * 100) : 0,
    durationMs,
  }
}

/** At most six round ticks in ms over a trace's length. */
export function traceTicks(lengthMs: number): number[] {
  const raw = Math.max(lengthMs, 0.001) / 5
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5].find((base) => base * power >= raw) ?? 10) * power
  return Array.from({ length: Math.floor(lengthMs / step + 1e-9) + 1 }, (_, index) => index * step)
}

function byStart(a: SpanSummary, b: SpanSummary): number {
  return a.startTime - b.startTime || b.endTime - a.endTime || (a.spanId < b.spanId ? -1 : 1)
}
