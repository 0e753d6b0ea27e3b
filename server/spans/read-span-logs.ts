import type { ReadSql } from '../db/read-within.ts'
import { inflateChunk } from './inflate-chunk.ts'
import { spanKey } from './span-row.ts'
import { slotOf } from '../projects/slot.ts'
import { instant, toUs, utcDay } from './span-scope.ts'

/** A log record that belongs to a span: `data` is its inflated chunk, `index` its place there. */
export type SpanLogBody = {
  event: string
  at: number
  observedAt: number
  receivedAt: number
  data: Buffer
  index: number
}

type SpanName = { projectId: string; traceId: string; spanId: string }

type LogRow = Omit<SpanLogBody, 'data' | 'index'> & {
  chunkId: string
  chunkIx: number
  codec: string | null
}

const DAY_MS = 86_400_000
/** Quarantined records share this day. */
const QUARANTINE = '0001-01-01'
const MAX_RECORDS = 2_000

/**
 * The records of one span, from the day before its start to the day after; and those of the trace
 * as a whole (span id 0) that no earlier model call has answered.
 */
export async function readSpanLogs(
  read: ReadSql,
  name: SpanName,
  startedAt: number,
): Promise<SpanLogBody[]> {
  const days = [QUARANTINE, ...[-DAY_MS, 0, DAY_MS].map((shift) => utcDay(startedAt + shift))]
  const rows = await read<LogRow[]>`
    select l.event, l.at, l.observed_at, l.received_at, l.chunk_id, l.chunk_ix
    from span_logs l
    where l.slot = ${slotOf(name.projectId)} and l.day = any(${days}::date[])
      and l.project_id = ${name.projectId} and l.trace_id = ${name.traceId}::uuid
      and (l.span_id = ${spanKey(read, name.spanId)} or l.span_id = 0 and ${isInput(read, { days, startedAt })})
    order by l.at, l.observed_at, l.received_at, l.chunk_ix
    limit ${MAX_RECORDS}`
  if (rows.length === 0) return []
  const chunks = await readChunks(read, name.projectId, {
    days,
    ids: rows.map((row) => row.chunkId),
  })
  return rows.flatMap(({ event, at, observedAt, receivedAt, chunkId, chunkIx }) => {
    const data = chunks.get(chunkId)
    return data === undefined ? [] : [{ event, at, observedAt, receivedAt, data, index: chunkIx }]
  })
}

function isInput(read: ReadSql, { days, startedAt }: { days: string[]; startedAt: number }) {
  const started = instant(read, toUs(startedAt))
  return read`l.at <= ${started} and not exists (
    select from spans s
    where s.slot = l.slot and s.day = any(${days}::date[]) and s.project_id = l.project_id
      and s.trace_id = l.trace_id and s.type = 'llm' and s.started_at >= l.at
      and s.started_at < ${started}
  )`
}

async function readChunks(
  read: ReadSql,
  projectId: string,
  { days, ids }: { days: string[]; ids: string[] },
): Promise<Map<string, Buffer>> {
  const rows = await read<{ chunkId: string; codec: string; data: Buffer }[]>`
    select b.chunk_id, b.codec, b.data from span_bodies b
    where b.slot = ${slotOf(projectId)} and b.day = any(${days}::date[])
      and b.project_id = ${projectId} and b.chunk_id = any(${[...new Set(ids)]}::uuid[])`
  const chunks = new Map<string, Buffer>()
  for (const { chunkId, codec, data } of rows) chunks.set(chunkId, await inflateChunk(data, codec))
  return chunks
}
