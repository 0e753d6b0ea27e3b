import type { Span, SpanSummary } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { AppError, NotFoundError } from '../platform/errors.ts'
import { inflateChunk } from './inflate-chunk.ts'
import { readSpanLogs, type SpanLogBody } from './read-span-logs.ts'
import { spanColumns, spanKey, toSpanSummary, type SpanRow } from './span-row.ts'
import { inProject, storedDays } from './span-scope.ts'

export type SpanName = { projectId: string; traceId: string; spanId: string }

/** A span's chunk, inflated, and the span's place in it. */
export type StoredBody = {
  summary: SpanSummary
  format: 'protobuf' | 'json'
  data: Buffer
  index: number
  isQuarantined: boolean
  /** Log records that belong to the span, in their order. */
  logs: SpanLogBody[]
}

/** Reads the whole span out of its body: the slice that wrote the body passes this in. */
export type DescribeSpan = (body: StoredBody) => Span

type BodyRow = SpanRow & {
  chunkIx: number
  format: string | null
  codec: string | null
  data: Buffer | null
}

const QUARANTINED = 16

/** One whole span, quarantined ones too. */
export async function getSpan(sql: Sql, name: SpanName, describe: DescribeSpan): Promise<Span> {
  const { row, logs } = await readWithin(sql, async (read) => {
    const found = await readBody(read, name)
    const own = found === undefined ? [] : await readSpanLogs(read, name, found.startedAt)
    return { row: found, logs: own }
  })
  if (row === undefined) {
    throw new NotFoundError(
      `no span ${name.spanId} in trace ${name.traceId} of project ${name.projectId}`,
    )
  }
  const { format } = row
  if (row.data === null || (format !== 'protobuf' && format !== 'json')) {
    throw new AppError(`the body of span ${name.spanId} is not stored`, {
      status: 500,
      code: 'internal',
    })
  }
  return describe({
    summary: toSpanSummary(row),
    format,
    data: await inflateChunk(row.data, row.codec),
    index: row.chunkIx,
    isQuarantined: (row.flags & QUARANTINED) !== 0,
    logs,
  })
}

async function readBody(read: ReadSql, name: SpanName): Promise<BodyRow | undefined> {
  const [row] = await read<BodyRow[]>`
    select ${spanColumns(read)}, s.chunk_ix, b.format, b.codec, b.data
    from (select day from ${storedDays(read)} union all select '0001-01-01'::date) d
    cross join lateral (
      select * from spans s
      where ${inProject(read, name.projectId)} and s.day = d.day
        and s.trace_id = ${name.traceId}::uuid and s.span_id = ${spanKey(read, name.spanId)}
      offset 0
    ) s
    left join lateral (
      select * from span_bodies b
      where b.slot = s.slot and b.day = s.day and b.project_id = s.project_id
        and b.chunk_id = s.chunk_id
      offset 0
    ) b on true
    order by s.started_at desc
    limit 1`
  return row
}
