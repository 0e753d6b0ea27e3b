// One model call may be told by several spans: a framework's around a client's, one inside another
// of the same kind, Anthropic's own beside an instrumentation's, Logfire's log beside its request.
// Which of them counts is decided here, of any set of spans, so that a batch and what is stored
// already are judged by the same rules and the order of arrival cannot matter.
import { attributeHash } from '../spans/attribute-hash.ts'
import type { SpanRecord } from '../spans/span.ts'

/** What the rules look at. */
export type CallSpan = Pick<
  SpanRecord,
  | 'traceId'
  | 'spanId'
  | 'parentSpanId'
  | 'startUs'
  | 'endUs'
  | 'type'
  | 'scope'
  | 'service'
  | 'responseId'
> & {
  /** Whether it counts as far as it is known, or would if another span did not tell its call. */
  isLeaf: boolean
  hasUsage: boolean
  /** Logfire's zero-length record of what a streamed answer came to. */
  isStreamLog: boolean
}

const ANTHROPIC_OWN = 'com.anthropic.sdk'
export const STREAM_LOG_HASH = attributeHash('logfire.span_type', 'log')
/** Steps from a span to its ancestors; real traces are far flatter. */
const MAX_DEPTH = 256

/** Marks what repeats another span's call among the spans of one batch: it no longer counts. */
export function resolveNestedCalls(records: readonly SpanRecord[]): void {
  const calls = records.filter((record) => record.countsTokens && isModelTyped(record))
  if (calls.length < 2) return
  const byTrace = new Map<string, SpanRecord[]>()
  for (const record of calls) {
    const group = byTrace.get(record.traceId)
    if (group === undefined) byTrace.set(record.traceId, [record])
    else group.push(record)
  }
  const mayRepeat = calls.some(isOwnOfAnthropic)
  if (!mayRepeat && byTrace.size === calls.length) return
  const spans = records
    .filter((record) => mayRepeat || (byTrace.get(record.traceId)?.length ?? 0) > 1)
    .map((record) => toCallSpan(record))
  const repeating = findRepeated(spans)
  for (const record of calls) {
    if (repeating.has(callKey(record))) Object.assign(record, REPEATED)
  }
}

/** What is so of a span whose call another one tells. */
export const REPEATED = {
  countsTokens: false,
  repeatsCall: true,
  costNanoUsd: null,
  costReason: 'not_a_model_call',
  priceVersion: null,
} as const

export function isModelTyped({ type }: Pick<SpanRecord, 'type'>): boolean {
  return type === 'llm' || type === 'embedding'
}

/** Anthropic's own clients send spans beside those of any instrumentation. */
export function isOwnOfAnthropic({ scope }: Pick<SpanRecord, 'scope'>): boolean {
  return scope !== null && scope.startsWith(ANTHROPIC_OWN)
}

function isStreamLog(record: Pick<SpanRecord, 'startUs' | 'endUs' | 'attributeHashes'>): boolean {
  return record.startUs === record.endUs && record.attributeHashes.includes(STREAM_LOG_HASH)
}

export function hasUsage({ input, output }: { input: number | null; output: number | null }) {
  return (input ?? 0) + (output ?? 0) > 0
}

export function callKey({ traceId, spanId }: Pick<SpanRecord, 'traceId' | 'spanId'>): string {
  return traceId + spanId
}

/** Field by field: a spread of the whole record costs a microsecond a span. */
function toCallSpan(record: SpanRecord): CallSpan {
  const isLeaf = isModelTyped(record) && (record.countsTokens || record.repeatsCall === true)
  return {
    traceId: record.traceId,
    spanId: record.spanId,
    parentSpanId: record.parentSpanId,
    startUs: record.startUs,
    endUs: record.endUs,
    type: record.type,
    scope: record.scope,
    service: record.service,
    responseId: record.responseId,
    isLeaf,
    hasUsage: hasUsage(record.usage),
    isStreamLog: isLeaf && isStreamLog(record),
  }
}

type Node = CallSpan & {
  /** The nearest leaf above of the same type that has usage. */
  outer: Node | null
  hasSameTypeBelow: boolean
  hasUsageBelow: boolean
  repeats: boolean
}

/** Keys of the leaves whose call another span tells. Of one project. */
export function findRepeated(spans: readonly CallSpan[]): Set<string> {
  const nodes = new Map<string, Node>()
  for (const span of spans) {
    const fresh = { outer: null, hasSameTypeBelow: false, hasUsageBelow: false, repeats: false }
    nodes.set(callKey(span), { ...span, ...fresh })
  }
  const leaves = [...nodes.values()].filter((node) => node.isLeaf)
  for (const leaf of leaves) lookAbove(leaf, nodes)
  for (const leaf of leaves) leaf.repeats = isOuterOrBare(leaf)
  joinStreamLogs(leaves)
  joinOwnSpans(leaves)
  return new Set(leaves.filter((leaf) => leaf.repeats).map(callKey))
}

function lookAbove(leaf: Node, nodes: ReadonlyMap<string, Node>): void {
  const { traceId } = leaf
  let parentId = leaf.parentSpanId
  for (let depth = 0; parentId !== null && depth < MAX_DEPTH; depth += 1) {
    const above = nodes.get(callKey({ traceId, spanId: parentId }))
    if (above === undefined || above === leaf) return
    if (above.isLeaf) noteBelow(above, leaf)
    parentId = above.parentSpanId
  }
}

function noteBelow(above: Node, leaf: Node): void {
  const isSameType = above.type === leaf.type
  if (isSameType) above.hasSameTypeBelow = true
  if (leaf.hasUsage && (isSameType || above.type === 'llm')) above.hasUsageBelow = true
  if (isSameType && above.hasUsage) leaf.outer ??= above
}

/** The innermost with usage counts; where none has usage, the innermost. */
function isOuterOrBare(leaf: Node): boolean {
  if (leaf.hasUsageBelow) return true
  if (leaf.hasUsage) return false
  return leaf.hasSameTypeBelow || (leaf.outer !== null && !leaf.outer.hasUsageBelow)
}

/** The log with the usage and the latest request span beside it, begun before it, are one call. */
function joinStreamLogs(leaves: readonly Node[]): void {
  const logs = leaves.filter((leaf) => leaf.isStreamLog).toSorted(byStart)
  if (logs.length === 0) return
  const requests = leaves
    .filter((leaf) => !leaf.isStreamLog && !leaf.hasUsage && !leaf.repeats)
    .toSorted(byStart)
  const joined = new Set<Node>()
  for (const log of logs) {
    const request = requests.findLast(
      (one) =>
        !joined.has(one) &&
        one.traceId === log.traceId &&
        one.parentSpanId === log.parentSpanId &&
        one.startUs <= log.startUs,
    )
    if (request === undefined) continue
    joined.add(request)
    if (log.hasUsage) request.repeats = true
    else log.repeats = true
  }
}

/** Anthropic's own span and an instrumentation's with the same response are one call, in any trace. */
function joinOwnSpans(leaves: readonly Node[]): void {
  const owns = leaves.filter((leaf) => isOwnOfAnthropic(leaf) && leaf.responseId !== null)
  if (owns.length === 0) return
  const byResponse = Map.groupBy(leaves, (leaf) => leaf.responseId)
  for (const own of owns) {
    for (const other of byResponse.get(own.responseId) ?? []) {
      if (isOwnOfAnthropic(other) || !isSameCall(own, other)) continue
      if (own.hasUsage || !other.hasUsage) other.repeats = true
      else own.repeats = true
    }
  }
}

function isSameCall(a: Node, b: Node): boolean {
  return a.service === b.service && a.startUs <= b.endUs && b.startUs <= a.endUs
}

function byStart(a: Node, b: Node): number {
  return a.startUs - b.startUs || (a.spanId < b.spanId ? -1 : 1)
}
