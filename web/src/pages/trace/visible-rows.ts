import type { TraceModel, TraceNode } from './trace-node.ts'

export type WaterfallRow =
  | { kind: 'span'; key: string; node: TraceNode; isFolded: boolean }
  | { kind: 'group'; key: typeof GROUP_KEY; count: number; isFolded: boolean }

export type Folds = {
  /** What the reader folded (true) or unfolded (false) by hand. */
  byHand: ReadonlyMap<string, boolean>
  /** Spans this deep and deeper are folded unless unfolded by hand. */
  autoDepth: number
}

/** Row of the group of spans that hang on nothing. */
export const GROUP_KEY = 'unattached'
const MAX_OPEN_ROWS = 5_000

/** The rows shown, top to bottom; with `only`, those spans alone and what they hang on. */
export function visibleRows(
  model: TraceModel,
  folds: Folds,
  only?: (node: TraceNode) => boolean,
): WaterfallRow[] {
  const kept = only === undefined ? null : withAncestors(model, only)
  const rows: WaterfallRow[] = []
  const firstUnattached = model.nodes.length - sizeOf(model.unattached)
  const isGroupFolded = folds.byHand.get(GROUP_KEY) ?? false
  for (let index = 0; index < model.nodes.length;) {
    const node = model.nodes[index]
    if (node === undefined) break
    if (index === firstUnattached) {
      const count = model.unattached.length
      rows.push({ kind: 'group', key: GROUP_KEY, count, isFolded: isGroupFolded })
      if (isGroupFolded) break
    }
    if (kept !== null && !kept.has(node)) {
      index = node.nextIndex
      continue
    }
    const isFolded = node.children.length > 0 && isFoldedIn(node, folds)
    rows.push({ kind: 'span', key: node.span.spanId, node, isFolded })
    index = isFolded ? node.nextIndex : index + 1
  }
  return rows
}

export function isFoldedIn(node: TraceNode, { byHand, autoDepth }: Folds): boolean {
  return byHand.get(node.span.spanId) ?? node.depth >= autoDepth
}

/** The depth below which a large trace is folded, so that it opens with 5,000 rows at most. */
export function autoDepthOf(model: TraceModel): number {
  if (model.nodes.length <= MAX_OPEN_ROWS) return Infinity
  const counts: number[] = []
  for (const { depth } of model.nodes) counts[depth] = (counts[depth] ?? 0) + 1
  let rows = 0
  const deepest = counts.findIndex((count) => {
    rows += count
    return rows > MAX_OPEN_ROWS
  })
  return Math.max(1, deepest - 1)
}

/** Opens everything above a span, so that its row is there. */
export function unfoldedTo(node: TraceNode, byHand: ReadonlyMap<string, boolean>) {
  const next = new Map(byHand)
  let top = node
  for (let above = node.parent; above !== null; above = above.parent) {
    next.set(above.span.spanId, false)
    top = above
  }
  if (top.unattached !== null) next.set(GROUP_KEY, false)
  return next
}

function withAncestors(model: TraceModel, only: (node: TraceNode) => boolean): Set<TraceNode> {
  const kept = new Set<TraceNode>()
  for (const node of model.nodes) {
    if (!only(node)) continue
    for (let one: TraceNode | null = node; one !== null && !kept.has(one); one = one.parent) {
      kept.add(one)
    }
  }
  return kept
}

function sizeOf(tops: readonly TraceNode[]): number {
  return tops.reduce((sum, node) => sum + node.nextIndex - node.index, 0)
}
