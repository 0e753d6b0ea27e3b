import { countText, durationText } from '../../lib/format.ts'
import { costText, noteOf } from './row-text.ts'
import type { TraceNode } from './trace-node.ts'

export type SpanColumn = {
  id: string
  label: string
  isText?: true
  /** What the column is sorted by; null comes last in either order. */
  value: (node: TraceNode) => number | string | null
  text: (node: TraceNode) => string
}

export type Sort = { id: string; isDescending: boolean }

const or = (value: number | null, text: (value: number) => string): string =>
  value === null ? '' : text(value)

export const SPAN_COLUMNS: readonly SpanColumn[] = [
  {
    id: 'name',
    label: 'Span',
    isText: true,
    value: ({ span }) => span.name,
    text: ({ span }) => span.name,
  },
  {
    id: 'what',
    label: 'Model or tool',
    isText: true,
    value: ({ span }) => span.model ?? span.toolName,
    text: ({ span }) => span.model ?? span.toolName ?? '',
  },
  {
    id: 'start',
    label: 'Start',
    value: ({ startMs }) => startMs,
    text: ({ startMs }) => durationText(startMs),
  },
  {
    id: 'duration',
    label: 'Duration',
    value: ({ span }) => span.durationMs,
    text: ({ span }) => or(span.durationMs, durationText),
  },
  {
    id: 'ttft',
    label: 'First token',
    value: ({ span }) => span.ttftMs,
    text: ({ span }) => or(span.ttftMs, durationText),
  },
  {
    id: 'in',
    label: 'In',
    value: ({ span }) => span.inputTokens,
    text: ({ span }) => or(span.inputTokens, countText),
  },
  {
    id: 'out',
    label: 'Out',
    value: ({ span }) => span.outputTokens,
    text: ({ span }) => or(span.outputTokens, countText),
  },
  {
    id: 'cost',
    label: 'Cost',
    value: ({ span }) => (span.countsTokens ? span.cost.totalUsd : null),
    text: ({ span }) => costText(span),
  },
  {
    id: 'status',
    label: 'Status',
    isText: true,
    value: ({ span }) => span.status,
    text: (node) => (node.span.status === 'error' ? noteOf(node) : 'ok'),
  },
]

export function sortedNodes(nodes: readonly TraceNode[], sort: Sort): readonly TraceNode[] {
  const column = SPAN_COLUMNS.find(({ id }) => id === sort.id)
  if (column === undefined) return nodes
  const sign = sort.isDescending ? -1 : 1
  return nodes.toSorted((a, b) => {
    const [left, right] = [column.value(a), column.value(b)]
    if (left === null || right === null) {
      return Number(left === null) - Number(right === null) || a.index - b.index
    }
    if (left === right) return a.index - b.index
    return left < right ? -sign : sign
  })
}
