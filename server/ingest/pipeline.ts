import { withDeadline } from '../db/copy.ts'
import { priceRecord } from '../enrich/cost.ts'
import { recordLedger } from '../ledger/record-ledger.ts'
import { recordSdkDrops } from '../ledger/record-sdk-drops.ts'
import { RefusedRequests, type RefusedRequest } from '../ledger/refused-requests.ts'
import { SourceBook } from '../ledger/source-book.ts'
import { UnavailableError } from '../platform/errors.ts'
import { ByteBudget, type ByteLease } from './byte-budget.ts'
import type { PendingSpan } from './commit-spans.ts'
import { findSdkDrops, rejectedEntries, RequestSources } from './count-in-ledger.ts'
import { NoteBudget, saveRefused } from './dead-letter.ts'
import { decodeTracesJson } from './decode-json.ts'
import { decodeTracesProtobuf } from './decode-protobuf.ts'
import type { ExportAnswer } from './export-answer.ts'
import { GroupCommit, type GroupCommitParts } from './group-commit.ts'
import { ingestLogs, joinLogsOf, settleWaitingCalls } from './ingest-logs.ts'
import { ingestMetrics } from './ingest-metrics.ts'
import { resolveNestedCalls } from './nested-calls.ts'
import { normaliseTraces, type RejectedSpan } from './normalise.ts'
import type { OtlpSpan } from './otlp.ts'
import { planChunks, type ChunkSource } from './plan-chunks.ts'
import { RecentLogs } from './recent-logs.ts'

export type TracesRequest = {
  projectId: string
  format: 'protobuf' | 'json'
  /** Inflated. */
  body: Buffer
  wire: ChunkSource['wire']
}

/** All sent spans are stored, duplicates of stored ones (conflicts among them), or rejected. */
export type TracesAnswer = {
  stored: number
  duplicates: number
  conflicts: number
  rejected: { index: number; message: string }[]
  warnings: string[]
}

export type Pipeline = AsyncDisposable & {
  /** Counts a request's body bytes from the first one read until it is answered. */
  leaseBytes(): ByteLease
  /**
   * Resolves once the spans are committed. Throws DecodeError for an unreadable body and
   * UnavailableError (nothing may be kept; the sender retries) without a database.
   */
  ingestTraces(request: TracesRequest): Promise<TracesAnswer>
  ingestLogs(request: TracesRequest): Promise<ExportAnswer>
  ingestMetrics(request: TracesRequest): Promise<ExportAnswer>
  /** A request that was refused as a whole; counted with the next `flushRefused`. */
  noteRefused(request: RefusedRequest): void
  flushRefused(): Promise<void>
  pressure(): { bytesInFlight: number; bytesLimit: number; queuedSpans: number }
  /** Stores calls of coding agents that waited in vain for records that tell more of them. */
  settleWaitingCalls(): Promise<void>
}

type Commit = (pending: PendingSpan[], spans?: readonly OtlpSpan[]) => Promise<void>

/** Body bytes of all requests that are not yet answered, in the whole process. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024
const ACCOUNT_DEADLINE_MS = 5_000

/** Decode, normalise, price, cut bodies, commit; answers only after the commit. */
export function createPipeline(parts: GroupCommitParts): Pipeline {
  const committer = new GroupCommit(parts)
  const { clock, counters } = parts
  const budget = new ByteBudget(MAX_BYTES_IN_FLIGHT, () =>
    counters.inc('sightline_requests_busy_total'),
  )

  const book = new SourceBook()
  const refused = new RefusedRequests()
  const recent = new RecentLogs(parts.sql)
  const commit: Commit = async (pending, spans = []) => {
    await committer.commit(pending)
    await joinLogsOf({ ...parts, recent }, pending, spans)
  }
  const signalParts = { ...parts, recent, book, commit }
  const traceParts = { ...parts, book, notes: new NoteBudget(), commit }
  return {
    leaseBytes: () => budget.lease(),
    async ingestTraces(request) {
      const answer = await store(traceParts, request, clock.nowMs())
      counters.inc('sightline_spans_stored_total', {}, answer.stored)
      counters.inc('sightline_spans_duplicate_total', {}, answer.duplicates)
      counters.inc('sightline_spans_rejected_total', {}, answer.rejected.length)
      return answer
    },
    ingestLogs: (request) => ingestLogs(signalParts, request),
    ingestMetrics: (request) => ingestMetrics(signalParts, request),
    noteRefused: (request) => refused.note(request, clock.nowMs()),
    flushRefused: () => refused.flush(parts.sql),
    pressure: () => ({
      bytesInFlight: budget.held,
      bytesLimit: MAX_BYTES_IN_FLIGHT,
      queuedSpans: committer.queuedSpans,
    }),
    settleWaitingCalls: () => settleWaitingCalls(signalParts),
    async [Symbol.asyncDispose]() {
      await committer[Symbol.asyncDispose]()
      await refused.flush(parts.sql).catch((error: unknown) => {
        parts.log.warn({ error }, 'refused requests could not be counted')
      })
    },
  }
}

type TraceParts = GroupCommitParts & { book: SourceBook; notes: NoteBudget; commit: Commit }

async function store(
  parts: TraceParts,
  request: TracesRequest,
  receivedAtMs: number,
): Promise<TracesAnswer> {
  const { projectId, body } = request
  const traces = request.format === 'json' ? decodeTracesJson(body) : decodeTracesProtobuf(body)
  const { records, indexes, rejected, warnings } = normaliseTraces(traces, {
    nowUs: receivedAtMs * 1_000,
  })
  resolveNestedCalls(records)
  for (const record of records) priceRecord(record)
  const placed = await planChunks({ ...request, traces, records, indexes })
  const sources = new RequestSources(parts.book, projectId, receivedAtMs)
  const pending = placed.map((span, at): PendingSpan => {
    const group = traces.spans[indexes[at] ?? at]?.group
    const own = group && { source: sources.sourceOf(group, span.record.dialect) }
    return { ...span, ...own, projectId, receivedAtMs, fate: null }
  })
  if (pending.length > 0) await parts.commit(pending, traces.spans)
  await accountForRest(parts, { projectId, receivedAtMs, sources, spans: traces.spans, rejected })
  return { ...countFates(pending), rejected: [...rejected, ...poisoned(pending)], warnings }
}

type Rest = {
  projectId: string
  receivedAtMs: number
  sources: RequestSources
  spans: readonly OtlpSpan[]
  rejected: readonly RejectedSpan[]
}

/** What was not stored and so not counted with it: spans that were refused, and dropped ones. */
async function accountForRest({ sql, notes }: TraceParts, rest: Rest): Promise<void> {
  const { projectId, receivedAtMs, sources, spans, rejected } = rest
  const drops = findSdkDrops(spans, (group) => sources.sourceOf(group, ''))
  if (rejected.length === 0 && drops.length === 0) return
  const work = async (): Promise<void> => {
    await recordLedger(sql, rejectedEntries(rejected, spans, rest))
    const refused = rejected.map(({ index, reason, message }) => {
      return {
        reason,
        message,
        traceId: spans[index]?.traceId ?? '',
        spanId: spans[index]?.spanId ?? '',
      }
    })
    await saveRefused(sql, refused, { ...rest, notes })
    await recordSdkDrops(sql, { projectId, drops, nowMs: receivedAtMs })
  }
  try {
    await withDeadline(work(), ACCOUNT_DEADLINE_MS)
  } catch (error) {
    throw new UnavailableError('the database cannot be written to; send again', { cause: error })
  }
}

function countFates(
  pending: PendingSpan[],
): Pick<TracesAnswer, 'stored' | 'duplicates' | 'conflicts'> {
  const count = (fate: PendingSpan['fate']) => pending.filter((span) => span.fate === fate).length
  const conflicts = count('conflict')
  return { stored: count('stored'), duplicates: count('duplicate') + conflicts, conflicts }
}

function poisoned(pending: PendingSpan[]): TracesAnswer['rejected'] {
  return pending
    .filter((span) => span.fate === 'poison')
    .map(({ record, chunkIndex }) => ({
      index: chunkIndex,
      message: `span ${record.spanId}: the database refused its content`,
    }))
}
