import { openCopyConnection } from '../db/copy.ts'
import type { DatabaseTarget, Sql } from '../db/client.ts'
import { priceRecord } from '../enrich/cost.ts'
import type { Bus } from '../live/bus.ts'
import type { Clock } from '../platform/clock.ts'
import type { Counters } from '../platform/counters.ts'
import { UnavailableError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { ensurePartitions } from '../spans/partitions.ts'
import type { SpanRecord } from '../spans/span.ts'
import { commitSpans, type PendingSpan } from './commit-spans.ts'
import { partitionDay } from './copy-rows.ts'
import { saveDeadLetters } from './dead-letter.ts'
import { decodeTracesJson } from './decode-json.ts'
import { decodeTracesProtobuf } from './decode-protobuf.ts'
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
  /**
   * Resolves once the spans are committed. Throws DecodeError for an unreadable body and
   * UnavailableError (nothing may be kept; the sender retries) when busy or without a database.
   */
  ingestTraces(request: TracesRequest): Promise<TracesAnswer>
}

export type PipelineParts = {
  target: DatabaseTarget
  sql: Sql
  bus: Bus
  clock: Clock
  counters: Counters
  log: Log
}

/** Inflated bytes admitted and not yet answered, in the whole process. */
const MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024
const MAX_COMMIT_SPANS = 2_000
const WRITERS = 2
const COMMIT_DEADLINE_MS = 5_000
const BUSY_RETRY_S = 2

type Job = { pending: PendingSpan[]; resolve(): void; reject(error: unknown): void }

/**
 * Decode, normalise, price, then group commit: whatever waits when a commit ends goes into the
 * next one, with no artificial delay. Answers only after the commit.
 */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { sql, bus, clock, counters, log } = parts
  const queue: Job[] = []
  const writers = Array.from({ length: WRITERS }, () => ({
    copy: openCopyConnection(parts.target, { deadlineMs: COMMIT_DEADLINE_MS }),
    running: undefined as Promise<void> | undefined,
  }))
  const knownDays = new Set<number>()
  let bytesInFlight = 0

  function wake(): void {
    for (const writer of writers) {
      if (writer.running !== undefined || queue.length === 0) continue
      writer.running = drain(writer.copy).finally(() => {
        writer.running = undefined
        if (queue.length > 0) wake()
      })
    }
  }

  async function drain(copy: ReturnType<typeof openCopyConnection>): Promise<void> {
    while (queue.length > 0) await commitJobs(copy, takeJobs(queue))
  }

  async function commitJobs(
    copy: ReturnType<typeof openCopyConnection>,
    jobs: Job[],
  ): Promise<void> {
    const pending = jobs.flatMap((job) => job.pending)
    try {
      await makeDays(pending)
      await commitSpans({ sql, copy }, pending)
      await saveDeadLetters(sql, pending)
    } catch (error) {
      counters.inc('sightline_commit_failures_total')
      log.warn({ error, spans: pending.length }, 'commit failed')
      const unavailable = new UnavailableError('the database cannot be written to; send again', {
        cause: error,
      })
      for (const job of jobs) job.reject(unavailable)
      return
    } finally {
      publishStored(pending)
    }
    for (const job of jobs) job.resolve()
  }

  async function makeDays(pending: PendingSpan[]): Promise<void> {
    const days = new Set(pending.map((span) => partitionDay(span.record)))
    const missing = [...days].filter((day) => !knownDays.has(day))
    if (missing.length === 0) return
    await ensurePartitions(sql, missing)
    for (const day of missing) knownDays.add(day)
  }

  function publishStored(pending: PendingSpan[]): void {
    const byProject = new Map<string, SpanRecord[]>()
    for (const { projectId, record, fate } of pending) {
      if (fate !== 'stored') continue
      const spans = byProject.get(projectId)
      if (spans === undefined) byProject.set(projectId, [record])
      else spans.push(record)
    }
    const storedAtMs = clock.nowMs()
    for (const [projectId, spans] of byProject) {
      bus.publish('spans-stored', { projectId, spans, storedAtMs })
    }
  }

  async function store(request: TracesRequest): Promise<TracesAnswer> {
    const receivedAtMs = clock.nowMs()
    const traces =
      request.format === 'json'
        ? decodeTracesJson(request.body)
        : decodeTracesProtobuf(request.body)
    const { records, indexes, rejected, warnings } = normaliseTraces(traces, {
      nowUs: receivedAtMs * 1_000,
    })
    for (const record of records) priceRecord(record)
    const placed = await planChunks({ ...request, traces, records, indexes })
    const pending = placed.map((span): PendingSpan => ({
      ...span,
      projectId: request.projectId,
      receivedAtMs,
      fate: null,
    }))
    if (pending.length > 0) {
      await new Promise<void>((resolve, reject) => {
        queue.push({ pending, resolve, reject })
        wake()
      })
    }
    return countFates(pending, { rejected, warnings, indexes })
  }

  return {
    async ingestTraces(request) {
      const bytes = request.body.length
      if (bytesInFlight > 0 && bytesInFlight + bytes > MAX_BYTES_IN_FLIGHT) {
        throw new UnavailableError(
          `${bytesInFlight} bytes are being stored and ${MAX_BYTES_IN_FLIGHT} are allowed; send again`,
          { retryAfterS: BUSY_RETRY_S },
        )
      }
      bytesInFlight += bytes
      try {
        const answer = await store(request)
        counters.inc('sightline_spans_stored_total', {}, answer.stored)
        counters.inc('sightline_spans_duplicate_total', {}, answer.duplicates)
        counters.inc('sightline_spans_rejected_total', {}, answer.rejected.length)
        return answer
      } finally {
        bytesInFlight -= bytes
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(writers.map((writer) => writer.running))
      await Promise.all(writers.map((writer) => writer.copy[Symbol.asyncDispose]()))
    },
  }
}

function takeJobs(queue: Job[]): Job[] {
  const jobs: Job[] = []
  let spans = 0
  while (queue.length > 0) {
    const size = queue[0]?.pending.length ?? 0
    if (jobs.length > 0 && spans + size > MAX_COMMIT_SPANS) break
    const job = queue.shift()
    if (job === undefined) break
    jobs.push(job)
    spans += size
  }
  return jobs
}

function countFates(
  pending: PendingSpan[],
  rest: { rejected: { index: number; message: string }[]; warnings: string[]; indexes: number[] },
): TracesAnswer {
  const answer: TracesAnswer = {
    stored: 0,
    duplicates: 0,
    conflicts: 0,
    rejected: rest.rejected.map(({ index, message }) => ({ index, message })),
    warnings: rest.warnings,
  }
  for (const span of pending) {
    if (span.fate === 'stored') answer.stored += 1
    else if (span.fate === 'poison') {
      answer.rejected.push({
        index: span.chunkIndex,
        message: `span ${span.record.spanId}: the database refused its content`,
      })
    } else {
      answer.duplicates += 1
      if (span.fate === 'conflict') answer.conflicts += 1
    }
  }
  return answer
}
