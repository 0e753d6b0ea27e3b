import type { IngestHealth } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin } from '../db/read-within.ts'
import { databaseNow } from '../platform/query-params.ts'
import { readDisk, type DiskParts } from './health-disk.ts'
import { readMinutes, readSources } from './health-ledger.ts'
import { readClockSkew, readCoverage, readRejectSamples } from './health-sample.ts'
import { readCardinality, readLag } from './health-series.ts'

export type HealthParts = DiskParts & {
  sql: Sql
  pressure(): Pick<IngestHealth, 'bytesInFlight' | 'bytesLimit' | 'queuedSpans'>
  canary(): IngestHealth['canary']
}

/** Pages ask once a second; what does not change so fast is read this often. */
const SLOW_CACHE_MS = 5_000
const FAST_CACHE_MS = 900
const MAX_PROJECTS = 200
const STATEMENT_MS = 2_000

type Slow = Pick<
  IngestHealth,
  'sources' | 'dropped' | 'coverage' | 'clockSkew' | 'rejectSamples' | 'disk' | 'cardinality'
>
type Fast = Omit<
  IngestHealth,
  keyof Slow | 'bytesInFlight' | 'bytesLimit' | 'queuedSpans' | 'canary'
>

/** Whether what the pages show can be trusted; each part is read once for all who ask at a time. */
export function createHealthReader(
  parts: HealthParts,
): (projectId: string) => Promise<IngestHealth> {
  const slow = cached(SLOW_CACHE_MS, (projectId) => readSlow(parts, projectId))
  const fast = cached(FAST_CACHE_MS, (projectId) => readFast(parts, projectId))
  return async (projectId) => {
    const [slowPart, fastPart] = await Promise.all([slow(projectId), fast(projectId)])
    return { ...fastPart, ...slowPart, ...parts.pressure(), canary: parts.canary() }
  }
}

async function readFast({ sql }: HealthParts, projectId: string): Promise<Fast> {
  const nowMs = await databaseNow(sql)
  const minutes = await readWithin(sql, (read) => readMinutes(read, projectId, nowMs), STATEMENT_MS)
  return { at: nowMs, ...minutes, lagP95Ms: await readLag(sql, projectId, nowMs) }
}

async function readSlow(parts: HealthParts, projectId: string): Promise<Slow> {
  const { sql } = parts
  const nowMs = await databaseNow(sql)
  const cardinality = await readCardinality(sql, projectId, nowMs)
  const rest = await readWithin(
    sql,
    async (read) => ({
      ...(await readSources(read, projectId, nowMs)),
      coverage: await readCoverage(read, projectId, nowMs),
      clockSkew: await readClockSkew(read, projectId, nowMs),
      rejectSamples: await readRejectSamples(read, projectId, nowMs),
      disk: await readDisk(read, parts),
    }),
    STATEMENT_MS,
  )
  return { ...rest, cardinality }
}

/** One read per project at a time; an answer stands for `maxAgeMs`, a failure for nobody else. */
function cached<T>(
  maxAgeMs: number,
  readOne: (projectId: string) => Promise<T>,
): (projectId: string) => Promise<T> {
  const known = new Map<string, { at: number; answer: Promise<T> }>()
  return (projectId) => {
    const last = known.get(projectId)
    if (last !== undefined && performance.now() - last.at < maxAgeMs) return last.answer
    if (known.size >= MAX_PROJECTS) known.clear()
    const entry = { at: performance.now(), answer: readOne(projectId) }
    known.set(projectId, entry)
    entry.answer.catch(() => {
      if (known.get(projectId) === entry) known.delete(projectId)
    })
    return entry.answer
  }
}
