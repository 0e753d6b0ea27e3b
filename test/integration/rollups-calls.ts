import type { Sql } from '../../server/db/client.ts'
import { slotOf } from '../../server/projects/slot.ts'
import { foldSpans } from '../../server/rollups/fold-spans.ts'
import type { FoldableSpan } from '../../server/rollups/fold-spans.ts'

const BYTEA_ARRAY_OID = 1001

export type CallOverrides = Partial<Omit<FoldableSpan, 'usage' | 'endUs'>> & {
  endMs: number
  usage?: Partial<FoldableSpan['usage']>
}

/** A successful, streamed, priced model call; the overrides say what a test is about. */
export function callOf({ endMs, usage, ...overrides }: CallOverrides): FoldableSpan {
  return {
    endUs: Math.round(endMs * 1_000),
    durationUs: 1_000_000,
    service: 'chat',
    environment: 'production',
    release: '1.0.0',
    type: 'llm',
    task: null,
    operation: 'chat',
    provider: 'openai',
    model: 'm-1',
    countsTokens: true,
    costNanoUsd: 1_000_000,
    streaming: true,
    ttftUs: 200_000,
    status: 'ok',
    errorType: null,
    promptName: null,
    promptVersion: null,
    quarantined: false,
    usage: { input: 100, output: 20, cacheRead: null, cacheWrite: null, reasoning: null, ...usage },
    ...overrides,
  }
}

/** Commits one batch's deltas, as ingest does. */
export async function writeDeltas(
  sql: Sql,
  spans: readonly FoldableSpan[],
  { projectId = 'default', receivedAtMs = Infinity } = {},
): Promise<number> {
  const deltas = foldSpans(spans, receivedAtMs)
  const data = sql.array(
    deltas.map((delta) => delta.data),
    BYTEA_ARRAY_OID,
  )
  await sql`
    insert into rollup_deltas (slot, project_id, bucket, data)
    select ${slotOf(projectId)}, ${projectId}, bucket, data
    from unnest(${deltas.map((delta) => delta.bucketMs)}::timestamptz[], ${data}::bytea[])
      as fresh(bucket, data)`
  return deltas.length
}

/** Moves `sightline_now()` to an instant, from where it runs on. */
export async function setClock(sql: Sql, nowMs: number): Promise<void> {
  await sql`
    update clock_offset
    set shift = ${nowMs}::float8 * interval '1 millisecond'
      - extract(epoch from clock_timestamp()) * interval '1 second'`
}
