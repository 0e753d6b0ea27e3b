import type { Sql } from '../db/client.ts'
import { withDeadline } from '../db/copy.ts'
import { priceSpan } from '../enrich/cost.ts'
import type { SpanRecord } from '../spans/span.ts'
import { amendSpans, type Amendable } from './amend-spans.ts'
import type { PendingSpan } from './commit-spans.ts'
import { partitionDay } from './copy-rows.ts'
import {
  findCallsOfAnswers,
  findCallsOfTraces,
  findLinksAbove,
  type DaySpan,
  type SpanLink,
  type StoredCall,
  type WantedTrace,
} from './find-call-spans.ts'
import {
  callKey,
  findRepeated,
  isModelTyped,
  isOwnOfAnthropic,
  REPEATED,
  type CallSpan,
} from './nested-calls.ts'
import { OpenTraces } from './open-traces.ts'

/** The scope of our own SDK. */
const OWN_SCOPE = 'sightline'
const DEADLINE_MS = 5_000
const MAX_ROUNDS = 8
const MAX_PROJECTS = 1_000

/**
 * Judges the calls of a committed batch together with what is stored of their traces, and amends
 * spans whose call another one tells. It runs after the commit and before the answer: of two
 * batches that are committed at once, at least the later sees both; and for duplicates too, so that
 * what a crash left out is made good by the sender's repeat.
 */
export class CallSettler {
  readonly #sql: Sql
  readonly #open: OpenTraces
  /** Projects to which Anthropic's own clients have sent spans. */
  readonly #withOwnSpans = new Set<string>()

  constructor(sql: Sql, nowMs: number) {
    this.#sql = sql
    this.#open = new OpenTraces(nowMs)
  }

  /** `requests` were committed together; each was judged by itself before. */
  async settle(requests: readonly (readonly PendingSpan[])[], nowMs: number): Promise<void> {
    for (const [projectId, own] of byProject(requests)) {
      const batch = own.flat()
      const traces = [...byTrace(own).values()].filter((trace) => this.#isOpen(trace, nowMs))
      const answers = this.#answersOf(projectId, batch)
      if (traces.length === 0 && answers.length === 0) continue
      const work = settleProject(this.#sql, { projectId, batch, traces, answers })
      await withDeadline(work, DEADLINE_MS)
    }
  }

  /** Whether spans of the trace may be stored that did not come in this batch. */
  #isOpen(trace: BatchTrace, nowMs: number): boolean {
    const { traceId, spans } = trace
    const known = this.#open.find(traceId)
    const isWhole =
      trace.isOfOne &&
      spans.every(({ record: { parentSpanId } }) => {
        return parentSpanId === null || trace.ids.has(parentSpanId)
      })
    const calls = spans.filter(({ record }) => isLeafCall(record))
    const hasCalls = calls.length > 0
    if (!isWhole) this.#open.add(traceId, hasCalls, nowMs)
    if (spans.some(({ fate }) => fate !== 'stored')) return calls.length > 0
    const isCovered = spans.every(({ record }) => this.#open.covers(record))
    if (isCovered && !hasCalls) return known === true
    // What our SDK sends late, as history, it sends whole.
    const isOwn = spans.every(({ record }) => record.scope === OWN_SCOPE)
    if (isWhole && (isCovered || isOwn)) return known !== undefined
    return true
  }

  /** Answers that may have been told twice, in whatever traces. */
  #answersOf(projectId: string, batch: readonly PendingSpan[]): SpanRecord[] {
    const named = batch.flatMap(({ record }) =>
      record.responseId !== null && isLeafCall(record) ? [record] : [],
    )
    if (named.some(isOwnOfAnthropic)) {
      if (this.#withOwnSpans.size >= MAX_PROJECTS) this.#withOwnSpans.clear()
      this.#withOwnSpans.add(projectId)
    }
    const isWatched = this.#withOwnSpans.has(projectId)
    return named.filter(
      (record) =>
        isOwnOfAnthropic(record) ||
        isWatched ||
        (record.provider === 'anthropic' && record.scope !== OWN_SCOPE),
    )
  }
}

function isLeafCall(record: SpanRecord): boolean {
  return isModelTyped(record) && (record.countsTokens || record.repeatsCall === true)
}

type BatchTrace = {
  traceId: string
  spans: PendingSpan[]
  ids: Set<string>
  request: number
  /** All its spans came in one request. */
  isOfOne: boolean
}

/** What was stored or is, of each request, which is of one project. */
function byProject(requests: readonly (readonly PendingSpan[])[]): Map<string, PendingSpan[][]> {
  const groups = new Map<string, PendingSpan[][]>()
  for (const pending of requests) {
    const stored = pending.filter(
      ({ fate, record }) => fate !== null && fate !== 'poison' && !record.quarantined,
    )
    const [first] = stored
    if (first === undefined) continue
    const group = groups.get(first.projectId)
    if (group === undefined) groups.set(first.projectId, [stored])
    else group.push(stored)
  }
  return groups
}

function byTrace(requests: readonly PendingSpan[][]): Map<string, BatchTrace> {
  const traces = new Map<string, BatchTrace>()
  for (const [request, spans] of requests.entries()) {
    for (const span of spans) {
      const { traceId, spanId } = span.record
      let trace = traces.get(traceId)
      if (trace === undefined) {
        trace = { traceId, spans: [], ids: new Set(), request, isOfOne: true }
        traces.set(traceId, trace)
      }
      if (trace.request !== request) trace.isOfOne = false
      trace.spans.push(span)
      trace.ids.add(spanId)
    }
  }
  return traces
}

type ProjectWork = {
  projectId: string
  batch: readonly PendingSpan[]
  traces: readonly BatchTrace[]
  answers: readonly SpanRecord[]
}

/**
 * Reads and judges again after each change: of two that judge at once, one may have read before the
 * other's spans were there, and whoever writes last has then read all.
 */
async function settleProject(sql: Sql, work: ProjectWork): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (!(await settleOnce(sql, work))) return
  }
}

/** Whether something was changed. */
async function settleOnce(sql: Sql, work: ProjectWork): Promise<boolean> {
  const { projectId, batch } = work
  const { calls, links } = await readCalls(sql, work)
  if (calls.size < 2) return false
  const repeated = findRepeated([...links.map(toLink), ...calls.values()])
  const changed = [...calls.values()].filter((call) => isWrong(call, repeated.has(callKey(call))))
  if (changed.length === 0) return false
  const sets = new Map(
    changed.map((call) => [callKey(call), call.countsTokens ? REPEATED : countedAgain(call)]),
  )
  const amendments = changed.map((call) => {
    return { ...call, projectId, set: sets.get(callKey(call)) ?? {} }
  })
  await amendSpans(sql, amendments)
  for (const { record } of batch) Object.assign(record, sets.get(callKey(record)))
  return true
}

async function readCalls(sql: Sql, { projectId, traces, answers }: ProjectWork) {
  const ofTraces = await readTraces(sql, projectId, traces)
  const responseIds = [...new Set(answers.flatMap(({ responseId }) => responseId ?? []))]
  const ofAnswers =
    responseIds.length === 0
      ? []
      : await findCallsOfAnswers(sql, projectId, { responseIds, ...daysAround(answers) })
  const calls = new Map([...ofTraces.calls, ...ofAnswers].map((call) => [callKey(call), call]))
  return { calls, links: ofTraces.links }
}

/** A call by its answer alone may have been left out for reasons that were not looked up here. */
function isWrong(call: StoredCall, isRepeated: boolean): boolean {
  if (call.countsTokens) return isRepeated
  return !isRepeated && !call.hasUsage && call.responseId === null
}

/** Only calls without usage are ever counted again, so none has a price. */
function countedAgain(call: StoredCall): Partial<Amendable> {
  const { reason } = priceSpan({ ...call, ...NO_USAGE, countsTokens: true })
  return { countsTokens: true, repeatsCall: false, costReason: reason }
}

const NO_USAGE = {
  costReason: null,
  model: null,
  requestModel: null,
  usage: {
    input: null,
    output: null,
    cacheRead: null,
    cacheWrite: null,
    cacheWrite1h: null,
    reasoning: null,
    audioInput: null,
    audioOutput: null,
    imageInput: null,
  },
} as const

async function readTraces(
  sql: Sql,
  projectId: string,
  traces: readonly BatchTrace[],
): Promise<{ calls: StoredCall[]; links: SpanLink[] }> {
  if (traces.length === 0) return { calls: [], links: [] }
  const wanted = traces.map(({ traceId, spans }): WantedTrace => {
    return { traceId, ...daysAround(spans.map(({ record }) => record)) }
  })
  const calls = await findCallsOfTraces(sql, projectId, wanted)
  const callsByTrace = Map.groupBy(calls, (call) => call.traceId)
  const nested = wanted.flatMap((trace) => {
    const own = callsByTrace.get(trace.traceId) ?? []
    const parentIds = [...new Set(own.flatMap(({ parentSpanId }) => parentSpanId ?? []))]
    return own.length < 2 || parentIds.length === 0 ? [] : [{ ...trace, parentIds }]
  })
  return { calls, links: nested.length === 0 ? [] : await findLinksAbove(sql, projectId, nested) }
}

function daysAround(records: readonly SpanRecord[]): DaySpan {
  const days = records.map(partitionDay)
  return { lowDay: Math.min(...days) - 1, highDay: Math.max(...days) + 1 }
}

/** A stored span that matters only for who is whose ancestor; a call takes its place. */
function toLink({ traceId, spanId, parentSpanId }: SpanLink): CallSpan {
  return {
    traceId,
    spanId,
    parentSpanId,
    startUs: 0,
    endUs: 0,
    type: 'other',
    scope: null,
    service: null,
    responseId: null,
    isLeaf: false,
    hasUsage: false,
    isStreamLog: false,
  }
}
