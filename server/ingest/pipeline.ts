import { priceRecord } from '../enrich/cost.ts'
import { ByteBudget, type ByteLease } from './byte-budget.ts'
import type { PendingSpan } from './commit-spans.ts'
import { decodeTracesJson } from './decode-json.ts'
import { decodeTracesProtobuf } from './decode-protobuf.ts'
import { GroupCommit, type GroupCommitParts } from './group-commit.ts'
import { normaliseTraces } from './normalise.ts'
import { planChunks, type ChunkSource } from './plan-chunks.ts'

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
}

/** Body bytes of all requests that are not yet answered, in the whole process. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024

/** Decode, normalise, price, cut bodies, commit; answers only after the commit. */
export function createPipeline(parts: GroupCommitParts): Pipeline {
  const committer = new GroupCommit(parts)
  const { clock, counters } = parts
  const budget = new ByteBudget(MAX_BYTES_IN_FLIGHT, () =>
    counters.inc('sightline_requests_busy_total'),
  )

  return {
    leaseBytes: () => budget.lease(),
    async ingestTraces(request) {
      const answer = await store(committer, request, clock.nowMs())
      counters.inc('sightline_spans_stored_total', {}, answer.stored)
      counters.inc('sightline_spans_duplicate_total', {}, answer.duplicates)
      counters.inc('sightline_spans_rejected_total', {}, answer.rejected.length)
      return answer
    },
    [Symbol.asyncDispose]: () => committer[Symbol.asyncDispose](),
  }
}

async function store(
  committer: GroupCommit,
  request: TracesRequest,
  receivedAtMs: number,
): Promise<TracesAnswer> {
  const { projectId, body } = request
  const traces = request.format === 'json' ? decodeTracesJson(body) : decodeTracesProtobuf(body)
  const { records, indexes, rejected, warnings } = normaliseTraces(traces, {
    nowUs: receivedAtMs * 1_000,
  })
  for (const record of records) priceRecord(record)
  const placed = await planChunks({ ...request, traces, records, indexes })
  const pending = placed.map((span): PendingSpan => {
    return { ...span, projectId, receivedAtMs, fate: null }
  })
  if (pending.length > 0) await committer.commit(pending)
  return { ...countFates(pending), rejected: [...rejected, ...poisoned(pending)], warnings }
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
