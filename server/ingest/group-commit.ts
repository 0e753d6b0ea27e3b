import type { DatabaseTarget, Sql } from '../db/client.ts'
import { openCopyConnection, withDeadline, type CopyConnection } from '../db/copy.ts'
import { insertLedgerRows } from '../ledger/record-ledger.ts'
import type { Bus, BusEvents } from '../live/bus.ts'
import type { Clock } from '../platform/clock.ts'
import type { Counters } from '../platform/counters.ts'
import { UnavailableError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { hasWaitingScores, joinWaitingScores } from '../scores/waiting-scores.ts'
import { ensurePartitions } from '../spans/partitions.ts'
import { announceAmendments } from './amend-spans.ts'
import { commitSpans, type PendingSpan } from './commit-spans.ts'
import { partitionDay } from './copy-rows.ts'
import { unstoredRows } from './count-in-ledger.ts'
import { saveDeadLetters } from './dead-letter.ts'
import { CallSettler } from './settle-calls.ts'

export type GroupCommitParts = {
  target: DatabaseTarget
  sql: Sql
  bus: Bus
  clock: Clock
  counters: Counters
  log: Log
}

const MAX_COMMIT_SPANS = 2_000
const WRITERS = 2
/** Commits whose look-ups and notes are still to come. */
const MAX_FINISHING = 6
const COMMIT_DEADLINE_MS = 5_000

type Job = { pending: PendingSpan[]; resolve(): void; reject(error: unknown): void }
type Writer = { copy: CopyConnection; running: Promise<void> }

/**
 * Natural group commit: whatever waits when a commit ends goes into the next one, with no
 * artificial delay. The queue is bounded by the pipeline's bytes in flight.
 */
export class GroupCommit implements AsyncDisposable {
  readonly #parts: GroupCommitParts
  readonly #queue: Job[] = []
  readonly #idle: Writer[]
  readonly #writers: Writer[]
  readonly #knownDays = new Set<number>()
  readonly #settler: CallSettler
  readonly #finishing = new Set<Promise<void>>()

  constructor(parts: GroupCommitParts) {
    this.#parts = parts
    this.#settler = new CallSettler(parts.sql, parts.clock.nowMs())
    announceAmendments(parts.sql, parts.bus)
    this.#writers = Array.from({ length: WRITERS }, () => ({
      copy: openCopyConnection(parts.target, { deadlineMs: COMMIT_DEADLINE_MS }),
      running: Promise.resolve(),
    }))
    this.#idle = [...this.#writers]
  }

  /** Resolves after the commit with each span's `fate` set; UnavailableError: send again. */
  commit(pending: PendingSpan[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ pending, resolve, reject })
      const writer = this.#idle.pop()
      if (writer !== undefined) writer.running = this.#drain(writer)
    })
  }

  get queuedSpans(): number {
    return this.#queue.reduce((sum, { pending }) => sum + pending.length, 0)
  }

  /** Waits for what was accepted. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const writer of this.#writers) {
      await writer.running
      await writer.copy[Symbol.asyncDispose]()
    }
    await Promise.all(this.#finishing)
  }

  async #drain(writer: Writer): Promise<void> {
    while (this.#queue.length > 0) await this.#commitJobs(writer.copy, takeJobs(this.#queue))
    this.#idle.push(writer)
  }

  async #commitJobs(copy: CopyConnection, jobs: Job[]): Promise<void> {
    const pending = jobs.flatMap((job) => job.pending)
    try {
      await this.#makeDays(pending)
      const remakeDays = (spans: PendingSpan[]) => this.#remakeDays(spans)
      await commitSpans({ sql: this.#parts.sql, copy, remakeDays }, pending)
    } catch (error) {
      this.#publishStored(pending)
      this.#refuse(jobs, error)
      return
    }
    // The next commit need not wait for what follows this one.
    const finished = this.#finish(jobs, pending)
    this.#finishing.add(finished)
    void finished.then(() => this.#finishing.delete(finished))
    if (this.#finishing.size >= MAX_FINISHING) await Promise.race(this.#finishing)
  }

  /** What is to be done with committed spans before their senders are answered. Never throws. */
  async #finish(jobs: Job[], pending: PendingSpan[]): Promise<void> {
    const { sql, clock } = this.#parts
    try {
      await withDeadline(insertLedgerRows(sql, unstoredRows(pending)), COMMIT_DEADLINE_MS)
      const requests = jobs.map((job) => job.pending)
      await this.#settler.settle(requests, clock.nowMs())
      await withDeadline(saveDeadLetters(sql, pending), COMMIT_DEADLINE_MS)
      await this.#joinScores(pending)
    } catch (error) {
      this.#publishStored(pending)
      this.#refuse(jobs, error)
      return
    }
    this.#publishStored(pending)
    for (const job of jobs) job.resolve()
  }

  #refuse(jobs: Job[], error: unknown): void {
    const { counters, log } = this.#parts
    counters.inc('sightline_commit_failures_total')
    log.warn({ error, requests: jobs.length }, 'commit failed')
    const unavailable = new UnavailableError('the database cannot be written to; send again', {
      cause: error,
    })
    for (const job of jobs) job.reject(unavailable)
  }

  /** Housekeeping does once more what fails here: the spans are stored all the same. */
  async #joinScores(pending: PendingSpan[]): Promise<void> {
    const { sql, log } = this.#parts
    for (const projectId of new Set(pending.map((span) => span.projectId))) {
      if (!hasWaitingScores(sql, projectId)) continue
      const own = pending.filter((span) => span.projectId === projectId)
      const records = own.map(({ record }) => record)
      try {
        await withDeadline(joinWaitingScores(sql, projectId, records), COMMIT_DEADLINE_MS)
      } catch (error) {
        log.warn({ error, projectId }, 'scores did not get their spans')
      }
    }
  }

  async #makeDays(pending: PendingSpan[]): Promise<void> {
    const days = new Set(pending.map((span) => partitionDay(span.record)))
    const missing = [...days].filter((day) => !this.#knownDays.has(day))
    if (missing.length === 0) return
    await withDeadline(ensurePartitions(this.#parts.sql, missing), COMMIT_DEADLINE_MS)
    for (const day of missing) this.#knownDays.add(day)
  }

  async #remakeDays(pending: PendingSpan[]): Promise<void> {
    this.#knownDays.clear()
    await this.#makeDays(pending)
  }

  #publishStored(pending: PendingSpan[]): void {
    const { clock } = this.#parts
    const stored = pending.filter(({ fate, record }) => fate === 'stored' && !record.quarantined)
    const storedAtMs = clock.nowMs()
    for (const [projectId, spans] of Map.groupBy(stored, (span) => span.projectId)) {
      const records = spans.map(({ record }) => record)
      this.#publish({ projectId, spans: records, storedAtMs })
    }
  }

  /** The spans are stored: a listener's fault must not keep their senders from an answer. */
  #publish(event: BusEvents['spans-stored']): void {
    try {
      this.#parts.bus.publish('spans-stored', event)
    } catch (error) {
      this.#parts.log.error({ error }, 'a listener of stored spans failed')
    }
  }
}

function takeJobs(queue: Job[]): Job[] {
  let spans = 0
  const end = queue.findIndex((job, index) => {
    spans += job.pending.length
    return index > 0 && spans > MAX_COMMIT_SPANS
  })
  return queue.splice(0, end === -1 ? queue.length : end)
}
