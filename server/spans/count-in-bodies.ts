import type { FilterTerm } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { MAX_HASHED_UNITS } from './attribute-hash.ts'
import type { BodyTest } from './body-terms.ts'
import type { ChunkSpan, ReadChunk } from './chunk-span.ts'
import {
  ATTRIBUTE_KEYS,
  facetValue,
  isBodyField,
  type FacetItem,
  type FacetQuery,
} from './facet-value.ts'
import { ATTRIBUTE, splitTraceTerms } from './filter-sql.ts'
import { createBodyScanner, spansMatched, type BodyMatch } from './scan-bodies.ts'
import { toUs } from './span-scope.ts'
import { windowsOf } from './span-windows.ts'
import { tracesOn } from './trace-probe.ts'
import { scanAround, traceTotals } from './trace-totals.ts'

export type BodyFilter = {
  columnTerms: FilterTerm[]
  bodyTests: BodyTest[]
  readChunk: ReadChunk
}

const COUNT_MS = 1_000
const MAX_MATCHES = 3_000
const WINDOW = { first: 1_000, most: 16_000 }

/**
 * The same from bodies, where the field or the filter is in them: of the newest spans that pass, as
 * many as are read in a second.
 */
export async function countInBodies(
  read: ReadSql,
  query: FacetQuery,
  filter: BodyFilter,
): Promise<{ items: FacetItem[]; countedFrom: number }> {
  const { spanTerms, traceTerms } = splitTraceTerms(filter.columnTerms)
  const { matches, countedFrom } = await sampleBodies(read, query, {
    ...filter,
    columnTerms: spanTerms,
  })
  const inside = await findInside(read, query, { matches, traceTerms })
  const pairs = isBodyField(query.field)
    ? matches.flatMap(({ traceHex, values }) => values.map((value) => ({ traceHex, value })))
    : await readPairs(read, query, matches)
  return {
    items: countPairs(
      pairs.filter(({ traceHex }) => inside.has(traceHex)),
      query.contains,
    ),
    countedFrom,
  }
}

async function sampleBodies(
  read: ReadSql,
  { projectId, range, field }: FacetQuery,
  filter: BodyFilter,
): Promise<{ matches: BodyMatch[]; countedFrom: number }> {
  const deadlineMs = performance.now() + COUNT_MS
  const collect = collectorOf(field)
  const scan = { projectId, ...filter, ...(collect === undefined ? {} : { collect }) }
  const scanner = createBodyScanner(read, scan)
  const matches: BodyMatch[] = []
  let countedFrom = range.to
  const windowing = { projectId, range: scanAround(range), isNewestFirst: true, ...WINDOW }
  for await (const window of windowsOf(read, windowing)) {
    matches.push(...(await scanner.matchWindow(window)))
    countedFrom = Math.min(range.to, window.from)
    if (matches.length >= MAX_MATCHES || performance.now() > deadlineMs) break
  }
  return { matches, countedFrom }
}

function collectorOf(field: string): ((span: ChunkSpan) => string[]) | undefined {
  if (field === ATTRIBUTE_KEYS) return (span) => span.keys()
  if (!field.startsWith(ATTRIBUTE)) return undefined
  const key = field.slice(ATTRIBUTE.length)
  return (span) => span.values(key).filter((value) => value.length <= MAX_HASHED_UNITS)
}

/** Of the traces of the matches those that the list shows. */
async function findInside(
  read: ReadSql,
  { projectId, range }: FacetQuery,
  { matches, traceTerms }: { matches: readonly BodyMatch[]; traceTerms: FilterTerm[] },
): Promise<Set<string>> {
  const traces = new Map(
    matches.map(({ traceHex, day }) => [traceHex, { traceId: traceHex, low: day, high: day }]),
  )
  const candidates = tracesOn(read, [...traces.values()])
  const rows = await read<{ traceHex: string }[]>`
    select replace(t.trace_id::text, '-', '') as trace_hex
    from ${traceTotals(read, { projectId, filters: traceTerms, candidates })}
    where t.position_us >= ${toUs(range.from)}::int8 and t.position_us < ${toUs(range.to)}::int8`
  return new Set(rows.map((row) => row.traceHex))
}

type Pair = { traceHex: string; value: string }

function readPairs(read: ReadSql, { projectId, field }: FacetQuery, matches: readonly BodyMatch[]) {
  const { value, more } = facetValue(read, field)
  return read<Pair[]>`
    select distinct replace(s.trace_id::text, '-', '') as trace_hex, ${value} as value
    from ${spansMatched(read, projectId, matches)} ${more}
    where ${value} is not null`
}

function countPairs(pairs: readonly Pair[], contains: string | undefined): FacetItem[] {
  const wanted = contains?.toLowerCase()
  const tracesBy = new Map<string, Set<string>>()
  for (const { value, traceHex } of pairs) {
    if (wanted !== undefined && !value.toLowerCase().includes(wanted)) continue
    const traces = tracesBy.get(value)
    if (traces === undefined) tracesBy.set(value, new Set([traceHex]))
    else traces.add(traceHex)
  }
  return [...tracesBy].map(([value, traces]) => ({ value, count: traces.size }))
}
