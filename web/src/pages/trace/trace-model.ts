import type { SpanSummary } from '@sightline/server/contract'
import type { TraceModel, TraceNode } from './trace-node.ts'
import { markCriticalPath } from './critical-path.ts'
import { markAttempts } from './attempts.ts'

// The tree of a trace in the order its rows are shown: depth first, children by start. Times are
// offsets in ms from the trace's start. Everything is one pass over the spans, without recursion:
// a trace may have 30,000 spans, and be as deep.

/** Clocks of one host differ by less within a process; below this nothing is shifted. */
const MIN_SKEW_MS = 1

export function traceModelOf(spans: readonly SpanSummary[]): TraceModel {
  const byId = new Map<string, TraceNode>()
  for (const span of spans.toSorted(byStart)) byId.set(span.spanId, nodeOf(span))
  const { roots, unattached } = hang(byId)
  const nodes: TraceNode[] = []
  walk(roots, nodes, 0)
  walk(unattached, nodes, 1)
  const cycles = cutCycles(byId, nodes)
  unattached.push(...cycles)
  number(roots)
  number(unattached)
  const startTime = startOf(nodes)
  let endTime = startTime
  for (const node of nodes) {
    endTime = Math.max(endTime, node.startMs + node.durationMs)
    node.startMs -= startTime
  }
  const tops = [...roots, ...unattached]
  for (const node of nodes) markAttempts(node.children)
  markAttempts(roots)
  const byParent = Map.groupBy(unattached, ({ span }) => span.parentSpanId)
  for (const siblings of byParent.values()) markAttempts(siblings)
  markCriticalPath(tops, { isOneRoot: roots.length === 1, lengthMs: endTime - startTime })
  return {
    nodes,
    byId,
    root: roots[0] ?? null,
    roots,
    unattached,
    startTime,
    endTime,
    lengthMs: Math.max(endTime - startTime, 0.001),
    errorCount: nodes.filter(({ span }) => span.status === 'error').length,
    maxSkewMs: nodes.reduce((most, node) => Math.max(most, node.skewMs), 0),
  }
}

function startOf(nodes: readonly TraceNode[]): number {
  const first = nodes[0]?.startMs ?? 0
  return nodes.reduce((least, { startMs }) => Math.min(least, startMs), first)
}

function nodeOf(span: SpanSummary): TraceNode {
  return {
    span,
    parent: null,
    children: [],
    depth: 0,
    position: 1,
    siblings: 1,
    index: 0,
    nextIndex: 0,
    startMs: span.startTime,
    durationMs: Math.max(0, span.durationMs ?? span.endTime - span.startTime),
    skewMs: 0,
    unattached: null,
    attempt: null,
    path: [],
  }
}

function hang(byId: ReadonlyMap<string, TraceNode>) {
  const roots: TraceNode[] = []
  const unattached: TraceNode[] = []
  for (const node of byId.values()) {
    const { parentSpanId, spanId } = node.span
    const parent = parentSpanId === null ? undefined : byId.get(parentSpanId)
    if (parentSpanId === null) roots.push(node)
    else if (parent === undefined || parentSpanId === spanId) {
      node.unattached = parent === undefined ? 'parent-missing' : 'cycle'
      unattached.push(node)
    } else {
      node.parent = parent
      parent.children.push(node)
    }
  }
  return { roots, unattached }
}

/** Adds the trees under `tops` to the rows; a parent's clock is settled before its children's. */
function walk(tops: readonly TraceNode[], nodes: TraceNode[], depth: number): void {
  const open: TraceNode[] = []
  const stack = tops.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    while (open.length > 0 && open.at(-1) !== node.parent) closeLast(open, nodes.length)
    node.depth = node.parent === null ? depth : node.parent.depth + 1
    node.index = nodes.length
    correctClocks(node)
    number(node.children)
    nodes.push(node)
    open.push(node)
    for (const child of node.children.toReversed()) stack.push(child)
  }
  while (open.length > 0) closeLast(open, nodes.length)
}

function closeLast(open: TraceNode[], nextIndex: number): void {
  const last = open.pop()
  if (last !== undefined) last.nextIndex = nextIndex
}

function correctClocks(parent: TraceNode): void {
  for (const child of parent.children) correctClock(child, parent)
  if (parent.children.some(({ skewMs }) => skewMs > 0)) {
    parent.children.sort((a, b) => a.startMs - b.startMs)
  }
}

/**
 * A child that begins before its parent was timed by another clock: it is drawn from where the
 * parent begins. What the same service did below it was timed by that clock too.
 */
function correctClock(child: TraceNode, parent: TraceNode): void {
  if (parent.skewMs > 0 && parent.span.service === child.span.service) {
    child.skewMs = parent.skewMs
    child.startMs += parent.skewMs
  }
  const behindMs = parent.startMs - child.startMs
  if (behindMs < MIN_SKEW_MS) return
  child.skewMs += behindMs
  child.startMs += behindMs
}

/** Spans that name each other as parents hang on no top: they are shown all the same. */
function cutCycles(byId: ReadonlyMap<string, TraceNode>, nodes: TraceNode[]): TraceNode[] {
  if (nodes.length === byId.size) return []
  const shown = new Set(nodes)
  const cut: TraceNode[] = []
  for (const node of byId.values()) {
    if (shown.has(node)) continue
    const { parent } = node
    if (parent !== null) parent.children = parent.children.filter((child) => child !== node)
    node.parent = null
    node.unattached = 'cycle'
    cut.push(node)
    const from = nodes.length
    walk([node], nodes, 1)
    for (const one of nodes.slice(from)) shown.add(one)
  }
  return cut
}

function number(nodes: readonly TraceNode[]): void {
  let position = 0
  for (const node of nodes) {
    position += 1
    node.position = position
    node.siblings = nodes.length
  }
}

function byStart(a: SpanSummary, b: SpanSummary): number {
  return a.startTime - b.startTime || b.endTime - a.endTime || (a.spanId < b.spanId ? -1 : 1)
}
