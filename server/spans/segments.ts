import { BudgetKind, type TraceSummary } from '../contract/index.ts'

// The critical path of a trace: from its end backwards, time belongs to the child that ended last
// before it, and to the span itself where no child ran. The parts add up to the trace's duration.

export type Segment = TraceSummary['segments'][number]
export type KindBudget = Record<BudgetKind, number>

export type SegmentSpan = {
  spanId: string
  parentSpanId: string | null
  startUs: number
  endUs: number
  type: string
  ttftUs: number | null
  isError: boolean
}
export type Part = { fromUs: number; toUs: number }

type Node = SegmentSpan & { children: Node[] }
type Piece = { kind: Segment['kind']; us: number; isFailed: boolean }

const MAX_SEGMENTS = 60
const KIND_BY_TYPE: Record<string, Segment['kind']> = {
  retriever: 'retrieval',
  reranker: 'retrieval',
  embedding: 'retrieval',
  llm: 'generation',
  tool: 'tool',
}

/** Where the time of a trace went, first to last; `whole` is the trace where not all spans are given. */
export function segmentsOf(spans: readonly SegmentSpan[], whole?: Part): Segment[] {
  return fold(merge(piecesOf(spans, whole)))
}

/** The same by kind, in ms; time of a span that failed itself is `failed`, whatever its kind. */
export function budgetOf(spans: readonly SegmentSpan[], whole?: Part): KindBudget {
  const sumsUs = new Map<BudgetKind, number>()
  for (const { kind, isFailed, us } of piecesOf(spans, whole)) {
    const of = isFailed ? 'failed' : kind
    sumsUs.set(of, (sumsUs.get(of) ?? 0) + us)
  }
  return Object.fromEntries(
    BudgetKind.options.map((kind) => [kind, (sumsUs.get(kind) ?? 0) / 1_000]),
  ) as KindBudget
}

function piecesOf(spans: readonly SegmentSpan[], whole?: Part): Piece[] {
  const root = toTree(spans)
  if (root === undefined) return []
  const pieces: Piece[] = []
  collect(root, whole ?? { fromUs: root.startUs, toUs: root.endUs }, pieces)
  return pieces.toReversed()
}

/**
 * Whatever else has no parent here hangs under the first root, whose duration is the trace's; without
 * a root under one span over them all.
 */
function toTree(spans: readonly SegmentSpan[]): Node | undefined {
  const nodes = new Map<string, Node>()
  for (const span of spans) {
    nodes.set(span.spanId, { ...span, endUs: Math.max(span.startUs, span.endUs), children: [] })
  }
  const tops: Node[] = []
  for (const node of nodes.values()) {
    const parent = node.parentSpanId === null ? undefined : nodes.get(node.parentSpanId)
    if (parent === undefined) tops.push(node)
    else parent.children.push(node)
  }
  const root = rootOf(tops, nodes)
  if (root === undefined) return undefined
  root.children.push(...tops.filter((node) => node !== root))
  for (const node of [root, ...nodes.values()]) node.children.sort(byEndLastFirst)
  return root
}

function rootOf(tops: readonly Node[], nodes: ReadonlyMap<string, Node>): Node | undefined {
  if (tops.length === 0) return undefined
  const [first] = tops
    .filter((node) => node.parentSpanId === null)
    .toSorted((a, b) => a.startUs - b.startUs || (a.spanId < b.spanId ? -1 : 1))
  if (first !== undefined) return first
  let startUs = Number.POSITIVE_INFINITY
  let endUs = Number.NEGATIVE_INFINITY
  for (const node of nodes.values()) {
    startUs = Math.min(startUs, node.startUs)
    endUs = Math.max(endUs, node.endUs)
  }
  const over = { spanId: '', parentSpanId: null, type: 'other', ttftUs: null, isError: false }
  return { ...over, startUs, endUs, children: [] }
}

function byEndLastFirst(a: Node, b: Node): number {
  return b.endUs - a.endUs || b.startUs - a.startUs
}

/** Adds the pieces of `node` within `part`, last first. */
function collect(node: Node, part: Part, pieces: Piece[]): void {
  let cursorUs = part.toUs
  for (const child of node.children) {
    const fromUs = Math.max(child.startUs, part.fromUs)
    const toUs = Math.min(child.endUs, cursorUs)
    if (fromUs >= toUs) continue
    addOwn(node, { fromUs: toUs, toUs: cursorUs }, pieces)
    collect(child, { fromUs, toUs }, pieces)
    cursorUs = fromUs
  }
  addOwn(node, { fromUs: part.fromUs, toUs: cursorUs }, pieces)
}

function addOwn(node: Node, part: Part, pieces: Piece[]): void {
  const kind = KIND_BY_TYPE[node.type] ?? 'other'
  const isFailed = node.isError
  const add = (of: Piece['kind'], us: number): void => {
    if (us > 0) pieces.push({ kind: of, us, isFailed })
  }
  if (kind !== 'generation' || node.ttftUs === null) {
    add(kind, part.toUs - part.fromUs)
    return
  }
  const firstTokenUs = Math.min(Math.max(node.startUs + node.ttftUs, part.fromUs), part.toUs)
  add('generation', part.toUs - firstTokenUs)
  add('wait', firstTokenUs - part.fromUs)
}

type Length = { kind: Piece['kind']; us: number }

/** Neighbours of one kind are one part. */
function merge(pieces: readonly Piece[]): Length[] {
  const merged: Length[] = []
  for (const { kind, us } of pieces) {
    const last = merged.at(-1)
    if (last?.kind === kind) last.us += us
    else merged.push({ kind, us })
  }
  return merged
}

/** A bar of hundreds of slivers shows nothing: from 60 parts on, one per kind. */
function fold(pieces: readonly Length[]): Segment[] {
  if (pieces.length <= MAX_SEGMENTS) return pieces.map(({ kind, us }) => ({ kind, ms: us / 1_000 }))
  const sums = new Map<Length['kind'], number>()
  for (const { kind, us } of pieces) sums.set(kind, (sums.get(kind) ?? 0) + us)
  return [...sums].map(([kind, us]) => ({ kind, ms: us / 1_000 }))
}
