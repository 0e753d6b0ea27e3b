import { CopyBuffer } from '../db/copy-buffer.ts'
import { isSqlError, withDeadline, type CopyConnection, type CopyPart } from '../db/copy.ts'
import type { Sql } from '../db/client.ts'
import type { LedgerSignal, LedgerSource } from '../ledger/ledger-entry.ts'
import { LEDGER_COLUMNS, writeLedgerRow } from '../ledger/record-ledger.ts'
import { slotOf } from '../projects/slot.ts'
import { foldSpans } from '../rollups/fold-spans.ts'
import { storedRows } from './count-in-ledger.ts'
import { earlierDay, partitionDay, SPAN_COLUMNS, writeSpanRow } from './copy-rows.ts'
import { findStored, isSameRecord, type StoredMatch } from './find-stored.ts'
import type { BodyChunk, PlacedSpan } from './plan-chunks.ts'

/** What became of one span of a commit. */
export type SpanFate = 'stored' | 'duplicate' | 'conflict' | 'poison'

export type PendingSpan = PlacedSpan & {
  projectId: string
  receivedAtMs: number
  fate: SpanFate | null
  /** As the ledger counts it; by default its record's dialect and service, of signal traces. */
  source?: LedgerSource
  signal?: LedgerSignal
}

export type CommitContext = {
  sql: Sql
  copy: CopyConnection
  /** Makes the partitions of the spans anew: housekeeping may drop one that was there before. */
  remakeDays?: (pending: PendingSpan[]) => Promise<void>
}

const UNIQUE_VIOLATION = '23505'
/** `check_violation`, which is also what a row without a partition is answered with. */
const NO_PARTITION = '23514'
const MAX_ROUNDS = 6
/** One transaction's share of a request: the largest takes far longer than one deadline. */
const MAX_SLICE_SPANS = 10_000
/** For a look-up in the stored spans. */
const FIND_DEADLINE_MS = 5_000
const BODY_COLUMNS = 'slot, day, project_id, chunk_id, format, codec, received_at, data'

/**
 * Stores the spans and their rollup deltas and notes each span's `fate`, one transaction a slice:
 * when a later slice fails, the sender's repeat finds the earlier ones stored. The first stored
 * copy of a span wins. COPY goes straight into the unique index; only when that
 * reports a duplicate are the stored ones looked up and left out. A span the database refuses for
 * its content is found by halving. Throws when the database is not to be had: nothing is promised
 * for spans whose fate is null then.
 */
export async function commitSpans(context: CommitContext, pending: PendingSpan[]): Promise<void> {
  const repeats = markRepeats(pending)
  await markMoved(context.sql, pending)
  const written = new Set<BodyChunk>()
  for (let at = 0; at < pending.length; at += MAX_SLICE_SPANS) {
    const slice = pending.slice(at, at + MAX_SLICE_SPANS)
    await commitRound(context, { pending: slice, written, round: 0 })
  }
  await judgeRepeats(context.sql, repeats)
}

type Round = { pending: PendingSpan[]; written: Set<BodyChunk>; round: number }

async function commitRound(
  context: CommitContext,
  { pending, written, round }: Round,
): Promise<void> {
  const fresh = pending.filter((span) => span.fate === null)
  if (fresh.length === 0) return
  const chunks = new Set(fresh.map((span) => span.chunk).filter((chunk) => !written.has(chunk)))
  try {
    await context.copy.copyAll(copyParts(fresh, chunks))
  } catch (error) {
    if (!isSqlError(error)) throw error
    if (round < MAX_ROUNDS && (await isRepaired(context, fresh, error.code))) {
      return commitRound(context, { pending: fresh, written, round: round + 1 })
    }
    if (!isContentError(error.code)) throw error
    return halve(context, { pending: fresh, written, round })
  }
  for (const chunk of chunks) written.add(chunk)
  for (const span of fresh) span.fate = 'stored'
}

async function halve(context: CommitContext, { pending, written }: Round): Promise<void> {
  const [only] = pending
  if (pending.length === 1 && only !== undefined) {
    only.fate = 'poison'
    return
  }
  const middle = pending.length >> 1
  await commitRound(context, { pending: pending.slice(0, middle), written, round: 0 })
  await commitRound(context, { pending: pending.slice(middle), written, round: 0 })
}

/** Whether another round may succeed: stored spans are left out, missing partitions are made. */
async function isRepaired(
  { sql, remakeDays }: CommitContext,
  fresh: PendingSpan[],
  code: string,
): Promise<boolean> {
  if (code === UNIQUE_VIOLATION) {
    await markStored(sql, fresh)
    return true
  }
  if (code !== NO_PARTITION || remakeDays === undefined) return false
  await remakeDays(fresh)
  return true
}

/** Classes 22 data, 23 constraint, 54 limit: the content is to blame, not the database's state. */
function isContentError(code: string): boolean {
  return code !== NO_PARTITION && /^(22|23|54)/.test(code)
}

type Repeat = { span: PendingSpan; first: PendingSpan }

/** A repeat within the batch is judged by the copy that comes first, as if that were stored. */
function markRepeats(pending: PendingSpan[]): Repeat[] {
  const seen = new Map<string, PendingSpan>()
  const repeats: Repeat[] = []
  for (const span of pending) {
    const { record } = span
    const key = `${span.projectId} ${partitionDay(record)} ${record.traceId} ${record.spanId}`
    const first = seen.get(key)
    if (first === undefined) seen.set(key, span)
    else {
      span.fate = isSameRecord(first.record, record) ? 'duplicate' : 'conflict'
      repeats.push({ span, first })
    }
  }
  return repeats
}

/**
 * Where the first copy differs from a stored one, the others are compared with that one too; where
 * the database refused it, none is stored.
 */
async function judgeRepeats(sql: Sql, repeats: readonly Repeat[]): Promise<void> {
  for (const { span, first } of repeats) if (first.fate === 'poison') span.fate = 'poison'
  const unsure = repeats.filter(({ first }) => first.fate === 'conflict').map(({ span }) => span)
  for (let at = 0; at < unsure.length; at += MAX_SLICE_SPANS) {
    await markStored(sql, unsure.slice(at, at + MAX_SLICE_SPANS))
  }
}

/** COPY cannot report what is stored under another day, so those few spans are looked up first. */
async function markMoved(sql: Sql, pending: PendingSpan[]): Promise<void> {
  const moved = pending.flatMap((span) => {
    const day = span.fate === null ? earlierDay(span.record, span.receivedAtMs) : null
    return day === null ? [] : [{ span, day }]
  })
  for (let at = 0; at < moved.length; at += MAX_SLICE_SPANS) {
    const slice = moved.slice(at, at + MAX_SLICE_SPANS)
    const keys = slice.map(({ span, day }) => ({ ...span, day }))
    const spans = slice.map(({ span }) => span)
    setFates(spans, await withDeadline(findStored(sql, keys), FIND_DEADLINE_MS))
  }
}

async function markStored(sql: Sql, fresh: PendingSpan[]): Promise<void> {
  setFates(fresh, await withDeadline(findStored(sql, fresh), FIND_DEADLINE_MS))
}

function setFates(spans: PendingSpan[], matches: StoredMatch[]): void {
  for (const match of matches) {
    const span = spans[match.index]
    if (span !== undefined) span.fate = match.isEqual ? 'duplicate' : 'conflict'
  }
}

function copyParts(spans: PendingSpan[], chunks: Set<BodyChunk>): CopyPart[] {
  const rows = new CopyBuffer(spans.length * 700 + 1_024)
  const owners = new Map<BodyChunk, PendingSpan>()
  const byProject = new Map<string, PendingSpan[]>()
  for (const span of spans) {
    const { projectId, record, chunk, chunkIndex } = span
    const chunkId = chunk.id.replaceAll('-', '')
    writeSpanRow(rows, record, { slot: slotOf(projectId), projectId, chunkId, chunkIndex })
    owners.set(chunk, span)
    const group = byProject.get(projectId)
    if (group === undefined) byProject.set(projectId, [span])
    else group.push(span)
  }
  return [
    { statement: `copy spans (${SPAN_COLUMNS}) from stdin (format binary)`, data: rows.finish() },
    ...bodyPart(chunks, owners),
    ...deltaPart(byProject),
    ledgerPart(spans),
  ]
}

function ledgerPart(spans: PendingSpan[]): CopyPart {
  const out = new CopyBuffer(1_024)
  for (const row of storedRows(spans)) writeLedgerRow(out, row)
  return {
    statement: `copy ledger_deltas (${LEDGER_COLUMNS}) from stdin (format binary)`,
    data: out.finish(),
  }
}

function bodyPart(chunks: Set<BodyChunk>, owners: Map<BodyChunk, PendingSpan>): CopyPart[] {
  if (chunks.size === 0) return []
  const out = new CopyBuffer()
  for (const chunk of chunks) {
    const owner = owners.get(chunk)
    if (owner === undefined) continue
    out.startRow(8)
    out.int4(slotOf(owner.projectId))
    out.date(chunk.day)
    out.text(owner.projectId)
    out.hex(chunk.id.replaceAll('-', ''), 16)
    out.text(chunk.format)
    out.text(chunk.codec)
    out.timestamp(Math.round(owner.receivedAtMs * 1_000))
    out.bytes(chunk.data)
  }
  return [
    {
      statement: `copy span_bodies (${BODY_COLUMNS}) from stdin (format binary)`,
      data: out.finish(),
    },
  ]
}

function deltaPart(byProject: Map<string, PendingSpan[]>): CopyPart[] {
  const out = new CopyBuffer()
  let rows = 0
  for (const [projectId, spans] of byProject) {
    const receivedAtMs = spans[0]?.receivedAtMs ?? 0
    for (const delta of foldSpans(
      spans.map((span) => span.record),
      receivedAtMs,
    )) {
      out.startRow(4)
      out.int4(slotOf(projectId))
      out.text(projectId)
      out.timestamp(delta.bucketMs * 1_000)
      out.bytes(delta.data)
      rows += 1
    }
  }
  if (rows === 0) return []
  return [
    {
      statement: 'copy rollup_deltas (slot, project_id, bucket, data) from stdin (format binary)',
      data: out.finish(),
    },
  ]
}
