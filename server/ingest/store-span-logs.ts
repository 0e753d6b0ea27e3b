import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { dayOf, dayText } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'
import { withDeadline } from '../db/copy.ts'
import { newId } from '../platform/ids.ts'
import { slotOf } from '../projects/slot.ts'
import { ensurePartitions, QUARANTINE_DAY } from '../spans/partitions.ts'
import type { SpanLog } from './log-span-events.ts'

const MAX_CHUNK_RECORDS = 256
const MAX_CHUNK_BYTES = 1024 * 1024
const ZSTD_LEVEL = 1
const DEADLINE_MS = 5_000
const DAY_US = 86_400_000_000
const PAST_US = 30 * DAY_US
const FUTURE_US = DAY_US / 24
const compress = promisify(zstdCompress)

type Batch = { projectId: string; nowUs: number; logs: SpanLog[] }

/** Stores the records of a request, those that are stored already left out; answers the ids of the new ones. */
export async function storeSpanLogs(sql: Sql, batch: Batch): Promise<Set<string>> {
  const added = new Set<string>()
  for (const chunk of chunksOf(batch)) {
    for (const id of await storeChunk(sql, batch.projectId, chunk)) added.add(id)
  }
  return added
}

type Chunk = { day: number; logs: { log: SpanLog; json: string }[]; bytes: number }

function chunksOf({ logs, nowUs }: Batch): Chunk[] {
  const open = new Map<number, Chunk>()
  const closed: Chunk[] = []
  for (const log of logs) {
    const json = JSON.stringify(log.stored)
    const day = dayOfLog(log, nowUs)
    let chunk = open.get(day)
    const isFull =
      chunk !== undefined &&
      (chunk.logs.length >= MAX_CHUNK_RECORDS || chunk.bytes + json.length > MAX_CHUNK_BYTES)
    if (chunk === undefined || isFull) {
      if (chunk !== undefined) closed.push(chunk)
      chunk = { day, logs: [], bytes: 0 }
      open.set(day, chunk)
    }
    chunk.logs.push({ log, json })
    chunk.bytes += json.length
  }
  return [...closed, ...open.values()]
}

function dayOfLog({ timeUs }: SpanLog, nowUs: number): number {
  const isListed = timeUs >= nowUs - PAST_US && timeUs <= nowUs + FUTURE_US
  return isListed ? dayOf(timeUs) : QUARANTINE_DAY
}

const knownDays = new WeakMap<Sql, Set<number>>()

async function storeChunk(sql: Sql, projectId: string, chunk: Chunk): Promise<string[]> {
  const known = knownDays.get(sql) ?? new Set()
  knownDays.set(sql, known)
  if (!known.has(chunk.day)) {
    await withDeadline(ensurePartitions(sql, [chunk.day]), DEADLINE_MS)
    known.add(chunk.day)
  }
  try {
    return await insertChunk(sql, projectId, chunk)
  } catch (error) {
    // Housekeeping may have dropped a day: the sender's repeat makes it anew.
    known.delete(chunk.day)
    throw error
  }
}

/** Rows and chunk in one statement; a chunk of which nothing is new is not kept. */
async function insertChunk(sql: Sql, projectId: string, { day, logs }: Chunk): Promise<string[]> {
  const data = await compress(Buffer.from(`[${logs.map(({ json }) => json).join(',')}]`), {
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
  })
  const rows = logs.map(({ log }, chunkIx) => rowOf(log, chunkIx))
  // In one order, so that two requests with the same records cannot wait for each other.
  rows.sort((a, b) => (a.record_id < b.record_id ? -1 : 1))
  const slot = slotOf(projectId)
  const chunkId = newId()
  const adding = sql<{ id: string }[]>`
    with added as (
      insert into span_logs (slot, day, project_id, trace_id, span_id, record_id, event, at,
        observed_at, chunk_id, chunk_ix, choice_index, finish_reason, is_error, error_type,
        error_message)
      select ${slot}, ${dayText(day)}::date, ${projectId}, r.trace_id,
        ('x' || r.span_id)::bit(64)::int8, r.record_id, r.event,
        'epoch'::timestamptz + r.time_us * interval '1 microsecond',
        'epoch'::timestamptz + r.observed_us * interval '1 microsecond',
        ${chunkId}::uuid, r.chunk_ix, r.choice_index, r.finish_reason, r.is_error, r.error_type,
        r.error_message
      from jsonb_to_recordset(${sql.json(rows)}::jsonb) as r(trace_id uuid, span_id text,
        record_id uuid, event text, time_us int8, observed_us int8, chunk_ix int4,
        choice_index int4, finish_reason text, is_error boolean, error_type text,
        error_message text)
      on conflict do nothing
      returning replace(record_id::text, '-', '') as id
    ), body as (
      insert into span_bodies (slot, day, project_id, chunk_id, format, codec, received_at, data)
      select ${slot}, ${dayText(day)}::date, ${projectId}, ${chunkId}::uuid, 'logs', 'zstd',
        sightline_now(), ${data}
      where exists (select from added)
    )
    select id from added`
  return (await withDeadline(adding, DEADLINE_MS)).map(({ id }) => id)
}

function rowOf(log: SpanLog, chunkIx: number) {
  return {
    trace_id: log.traceId,
    span_id: log.spanId,
    record_id: log.recordId,
    event: log.event,
    time_us: log.timeUs,
    observed_us: log.observedUs,
    chunk_ix: chunkIx,
    choice_index: log.choiceIndex,
    finish_reason: log.finishReason,
    is_error: log.isError,
    error_type: log.errorType,
    error_message: log.errorMessage,
  }
}
