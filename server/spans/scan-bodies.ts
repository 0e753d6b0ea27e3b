import type { FilterTerm, TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import type { BodyTest } from './body-terms.ts'
import type { ChunkSpan, ReadChunk } from './chunk-span.ts'
import { spanConditions } from './filter-sql.ts'
import { inflateChunk } from './inflate-chunk.ts'
import { inProject, startsWithin, type Fragment } from './span-scope.ts'

export type BodyScan = {
  projectId: string
  columnTerms: readonly FilterTerm[]
  bodyTests: readonly BodyTest[]
  readChunk: ReadChunk
  /** What to take along of each span that passes. */
  collect?: (span: ChunkSpan) => string[]
}

/** A span whose columns and body pass. */
export type BodyMatch = {
  traceHex: string
  spanHex: string
  startedAt: number
  day: string
  values: string[]
}

type ChunkName = { day: string; chunkId: string }
type ChunkRow = ChunkName & { format: string; codec: string; data: Buffer }
type Hit = ChunkName & { traceId: string; spanId: string; values: string[] }

/** Inflated, a chunk is 1 MiB at most, save one of a single huge span. */
const BATCH_CHUNKS = 8

/** All columns of `s` that the filter asks for, and what they say of its bodies. */
export function candidateConditions(
  sql: ReadSql,
  scan: Pick<BodyScan, 'columnTerms' | 'bodyTests'>,
): Fragment {
  return scan.bodyTests.reduce<Fragment>(
    (joined, { hint }) => (hint === undefined ? joined : sql`${joined} and ${hint}`),
    spanConditions(sql, scan.columnTerms),
  )
}

/**
 * Looks into the bodies of the candidate spans of one window after the other; a chunk is read once.
 * Its other spans that pass are answered too, wherever they start.
 */
export function createBodyScanner(read: ReadSql, scan: BodyScan) {
  const seen = new Set<string>()

  async function matchWindow(window: TimeRange): Promise<BodyMatch[]> {
    const names = (await readChunkNames(read, scan, window)).filter(
      ({ chunkId }) => !seen.has(chunkId),
    )
    const matches: BodyMatch[] = []
    for (let at = 0; at < names.length; at += BATCH_CHUNKS) {
      const batch = names.slice(at, at + BATCH_CHUNKS)
      for (const { chunkId } of batch) seen.add(chunkId)
      const hits: Hit[] = []
      for (const row of await readChunks(read, scan, batch))
        hits.push(...(await findHits(scan, row)))
      if (hits.length > 0) matches.push(...(await confirm(read, scan, hits)))
    }
    return matches
  }

  return { matchWindow }
}

function readChunkNames(read: ReadSql, scan: BodyScan, window: TimeRange) {
  return read<ChunkName[]>`
    select distinct s.day, s.chunk_id from spans s
    where ${inProject(read, scan.projectId)} and ${startsWithin(read, window)}
      and ${candidateConditions(read, scan)}`
}

function readChunks(read: ReadSql, { projectId }: BodyScan, names: readonly ChunkName[]) {
  return read<ChunkRow[]>`
    select b.* from unnest(${names.map((name) => name.day)}::date[],
      ${names.map((name) => name.chunkId)}::uuid[]) as c(day, chunk_id)
    cross join lateral (
      select b.day, b.chunk_id, b.format, b.codec, b.data from span_bodies b
      where b.slot = ${slotOf(projectId)} and b.day = c.day and b.project_id = ${projectId}
        and b.chunk_id = c.chunk_id
      offset 0
    ) b`
}

async function findHits(scan: BodyScan, row: ChunkRow): Promise<Hit[]> {
  const { bodyTests, readChunk, collect } = scan
  const { day, chunkId, format, codec } = row
  if (format !== 'protobuf' && format !== 'json') return []
  const data = await inflateChunk(row.data, codec)
  if (!bodyTests.every(({ mayBeIn }) => mayBeIn?.(data) ?? true)) return []
  return readChunk({ format, data }).flatMap((span) => {
    if (!bodyTests.every((one) => one.test(span))) return []
    const { traceId, spanId } = span
    return [{ day, chunkId, traceId, spanId, values: collect?.(span) ?? [] }]
  })
}

type Confirmed = Omit<BodyMatch, 'values'> & { place: number }

/** A chunk may hold spans that were stored before, from another chunk: theirs is the row. */
async function confirm(read: ReadSql, scan: BodyScan, hits: readonly Hit[]): Promise<BodyMatch[]> {
  const rows = await read<Confirmed[]>`
    select replace(s.trace_id::text, '-', '') as trace_hex, h.span_hex, s.started_at, s.day, h.place
    from unnest(${hits.map((hit) => hit.day)}::date[], ${hits.map((hit) => hit.chunkId)}::uuid[],
      ${hits.map((hit) => hit.traceId)}::uuid[], ${hits.map((hit) => hit.spanId)}::text[])
      with ordinality as h(day, chunk_id, trace_id, span_hex, place)
    cross join lateral (
      select * from spans s
      where ${inProject(read, scan.projectId)} and s.day = h.day and s.trace_id = h.trace_id
        and s.span_id = ('x' || h.span_hex)::bit(64)::int8 and s.chunk_id = h.chunk_id
        and ${spanConditions(read, scan.columnTerms)}
      offset 0
    ) s`
  return rows.map(({ place, ...row }) => ({ ...row, values: hits[place - 1]?.values ?? [] }))
}

/** The spans of matches, as `s`. */
export function spansMatched(
  read: ReadSql,
  projectId: string,
  matches: readonly BodyMatch[],
): Fragment {
  return read`unnest(${matches.map((match) => match.day)}::date[],
      ${matches.map((match) => match.traceHex)}::uuid[],
      ${matches.map((match) => match.spanHex)}::text[]) as m(day, trace_id, span_hex)
    cross join lateral (
      select * from spans s
      where ${inProject(read, projectId)} and s.day = m.day and s.trace_id = m.trace_id
        and s.span_id = ('x' || m.span_hex)::bit(64)::int8
      offset 0
    ) s`
}
