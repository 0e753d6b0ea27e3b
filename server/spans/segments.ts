import type { TraceSummary } from '../contract/index.ts'

// The critical path of a trace: from its end backwards, time belongs to the child that ended last
// before it, and to the span itself where no child ran. The parts add up to the trace's duration.

export type Segment = TraceSummary['segments'][number]

export type SegmentSpan = {
  spanId: string
  parentSpanId: string | null
  startUs: number
  endUs: number
  type: string
  ttftUs: number | null
}

type Node = SegmentSpan & { children: Node[] }
type Piece = { kind: Segment['kind']; us: number }

const MAX_SEGMENTS = 60
const KIND_BY_TYPE: Record<string, Segment['kind']> = {
  retriever: 'retrieval',
  reranker: 'retrieval',
  embedding: 'retrieval',
  llm: 'generation',
  tool: 'tool',
}

/** Where the time of a trace went, first to last. */
export function segmentsOf(spans: readonly SegmentSpan[]): Segment[] {
  const root = toTree(spans)
  if (root === undefined) return []
  const pieces: Piece[] = []
  collect(root, { fromUs: root.startUs, toUs: root.endUs }, pieces)
  return fold(pieces.toReversed())
}

/** Spans whose parent has not come, and several roots, hang under one span over them all. */
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
  for (const node of nodes.values()) node.children.sort(byEndLastFirst)
  const roots = tops.filter((node) => node.parentSpanId === null)
  const [first] = tops
  if (first === undefined) return undefined
  const [root] = roots
  if (tops.length === 1) return first
  if (root !== undefined && roots.length === 1) {
    root.children = [...root.children, ...tops.filter((node) => node !== root)].toSorted(
      byEndLastFirst,
    )
    return root
  }
  return {
    spanId: '',
    parentSpanId: null,
    type: 'other',
    ttftUs: null,
    startUs: Math.min(...tops.map((node) => node.startUs)),
    endUs: Math.max(...tops.map((node) => node.endUs)),
    children: tops.toSorted(byEndLastFirst),
  }
}

function byEndLastFirst(a: Node, b: Node): number {
  return b.endUs - a.endUs || b.startUs - a.startUs
}

type Part = { fromUs: number; toUs: number }

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
  if (kind !== 'generation' || node.ttftUs === null) {
    add(pieces, kind, part.toUs - part.fromUs)
    return
  }
  const firstTokenUs = Math.min(Math.max(node.startUs + node.ttftUs, part.fromUs), part.toUs)
  add(pieces, 'generation', part.toUs - firstTokenUs)
  add(pieces, 'wait', firstTokenUs - part.fromUs)
}

function add(pieces: Piece[], kind: Piece['kind'], us: number): void {
  if (us <= 0) return
  const last = pieces.at(-1)
  if (last?.kind === kind) last.us += us
  else pieces.push({ kind, us })
}

/** A bar of hundreds of slivers shows nothing: from 60 parts on, one per kind. */
function fold(pieces: readonly Piece[]): Segment[] {
  if (pieces.length <= MAX_SEGMENTS) return pieces.map(({ kind, us }) => ({ kind, ms: us / 1_000 }))
  const sums = new Map<Piece['kind'], number>()
  for (const { kind, us } of pieces) sums.set(kind, (sums.get(kind) ?? 0) + us)
  return [...sums].map(([kind, us]) => ({ kind, ms: us / 1_000 }))
}
