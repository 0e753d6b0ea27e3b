import { dayText } from '../db/copy-buffer.ts'
import type { Sql } from '../db/client.ts'
import type { Bus } from '../live/bus.ts'
import { slotOf } from '../projects/slot.ts'
import { foldChanges, type FoldableSpan, type SpanChange } from '../rollups/fold-spans.ts'
import type { SpanRecord } from '../spans/span.ts'
import { flagsOf, SPAN_FLAGS } from './copy-rows.ts'

/** What another span or a log record may prove of a span after it was stored. */
export type Amendable = Pick<
  SpanRecord,
  | 'countsTokens'
  | 'repeatsCall'
  | 'costNanoUsd'
  | 'costReason'
  | 'priceVersion'
  | 'status'
  | 'errorType'
  | 'errorMessage'
  | 'errorStatusCode'
  | 'finishReasons'
  | 'streaming'
  | 'ttftUs'
  | 'requestModel'
  | 'providerInferred'
>

/** `day` as in `partitionDay`: days since the Unix epoch. */
export type SpanAmendment = {
  projectId: string
  traceId: string
  spanId: string
  day: number
  set: Partial<Amendable>
}

const MAX_ATTEMPTS = 8
const MAX_AT_ONCE = 1_000
/** SQLSTATE of the guard's division by zero, a deadlock and a serialisation failure. */
const RETRYABLE = new Set(['22012', '40P01', '40001'])
/** The driver infers `bytea` from the first Buffer of an array, so its type is named. */
const BYTEA_ARRAY_OID = 1001

const busBySql = new WeakMap<Sql, Bus>()

/** From now on live charts hear of what is amended through this client. */
export function announceAmendments(sql: Sql, bus: Bus): void {
  busBySql.set(sql, bus)
}

/**
 * Changes stored spans and moves what the rollups counted of them, both in one statement; answers
 * how many were changed. What is so already, or not stored, is left alone, so that it can be said
 * again. Rows that somebody else changed meanwhile are read and judged anew.
 */
export async function amendSpans(sql: Sql, amendments: readonly SpanAmendment[]): Promise<number> {
  const bus = busBySql.get(sql)
  let amended = 0
  const sorted = mergeByKey(amendments).toSorted(byKey)
  for (let at = 0; at < sorted.length; at += MAX_AT_ONCE) {
    const changes = await amendSlice(sql, sorted.slice(at, at + MAX_AT_ONCE))
    amended += changes.length
    for (const [projectId, list] of Map.groupBy(changes, ({ key }) => key.projectId)) {
      const spans = list.map(({ key, after }) => ({ traceId: key.traceId, endUs: after.endUs }))
      bus?.publish('spans-amended', { projectId, spans })
    }
  }
  return amended
}

/** One amendment a span; what was said later stands. */
function mergeByKey(amendments: readonly SpanAmendment[]): SpanAmendment[] {
  const merged = new Map<string, SpanAmendment>()
  for (const amendment of amendments) {
    const key = keyOf(amendment)
    const set = { ...merged.get(key)?.set, ...amendment.set }
    merged.set(key, { ...amendment, set })
  }
  return [...merged.values()]
}

async function amendSlice(sql: Sql, amendments: readonly SpanAmendment[]): Promise<Change[]> {
  for (let attempt = 1; ; attempt += 1) {
    const changes = await readChanges(sql, amendments)
    if (changes.length === 0) return []
    try {
      await writeChanges(sql, changes)
      return changes
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !RETRYABLE.has(sqlStateOf(error))) throw error
    }
  }
}

type StoredRow = {
  ix: number
  rowVersion: string
  endedAt: number
  flags: number
  durationUs: number | null
  type: SpanRecord['type']
  service: string | null
  environment: string | null
  release: string | null
  task: string | null
  operation: string | null
  provider: string | null
  requestModel: string | null
  responseModel: string | null
  inputTokens: number | null
  outputTokens: number | null
  cacheReadTokens: number | null
  cacheWriteTokens: number | null
  reasoningTokens: number | null
  costNanoUsd: number | null
  costReason: SpanRecord['costReason']
  priceVersion: string | null
  ttftUs: number | null
  finishReasons: string[] | null
  errorType: string | null
  errorMessage: string | null
  errorStatusCode: number | null
  promptName: string | null
  promptVersion: string | null
}

type StoredSpan = FoldableSpan & Amendable & { responseModel: string | null }
type Change = { key: SpanAmendment; rowVersion: string; before: StoredSpan; after: StoredSpan }

async function readChanges(sql: Sql, amendments: readonly SpanAmendment[]): Promise<Change[]> {
  const rows = await sql<StoredRow[]>`
    select k.ix, s.xmin::text as row_version, s.ended_at, s.flags, s.duration_us, s.type, s.service,
      s.environment, s.release, s.task, s.operation, s.provider,
      s.request_model, s.response_model, s.input_tokens, s.output_tokens,
      s.cache_read_tokens, s.cache_write_tokens, s.reasoning_tokens, s.cost_nano_usd,
      s.cost_reason, s.price_version, s.ttft_us, s.finish_reasons, s.error_type, s.error_message,
      s.error_status_code, s.prompt_name, s.prompt_version
    from jsonb_to_recordset(${sql.json(amendments.map(toKey))}::jsonb)
      as k(ix int, slot int, day date, project_id text, trace_id uuid, span_id text)
    join spans s on s.slot = k.slot and s.day = k.day and s.project_id = k.project_id
      and s.trace_id = k.trace_id and s.span_id = ('x' || k.span_id)::bit(64)::int8`
  return rows.flatMap((row) => {
    const key = amendments[row.ix]
    if (key === undefined) return []
    const before = toStoredSpan(row)
    const after = withModel({ ...before, ...key.set })
    return isSame(before, after) ? [] : [{ key, rowVersion: row.rowVersion, before, after }]
  })
}

function toKey({ projectId, traceId, spanId, day }: SpanAmendment, ix: number) {
  return {
    ix,
    slot: slotOf(projectId),
    day: dayText(day),
    project_id: projectId,
    trace_id: traceId,
    span_id: spanId,
  }
}

function toStoredSpan(row: StoredRow): StoredSpan {
  const has = (flag: keyof typeof SPAN_FLAGS): boolean => (row.flags & SPAN_FLAGS[flag]) !== 0
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = row
  return {
    endUs: Math.round(row.endedAt * 1_000),
    durationUs: row.durationUs,
    service: row.service,
    environment: row.environment,
    release: row.release,
    type: row.type,
    task: row.task,
    operation: row.operation,
    provider: row.provider,
    model: row.responseModel ?? row.requestModel,
    requestModel: row.requestModel,
    responseModel: row.responseModel,
    promptName: row.promptName,
    promptVersion: row.promptVersion,
    usage: {
      input: inputTokens,
      output: outputTokens,
      cacheRead: cacheReadTokens,
      cacheWrite: cacheWriteTokens,
      reasoning: reasoningTokens,
    },
    quarantined: has('quarantined'),
    providerInferred: has('providerInferred'),
    countsTokens: has('countsTokens'),
    repeatsCall: has('repeatsCall'),
    sampled: has('sampled'),
    status: has('error') ? 'error' : 'ok',
    streaming: has('streamingKnown') ? has('streaming') : null,
    costNanoUsd: row.costNanoUsd,
    costReason: row.costReason,
    priceVersion: row.priceVersion,
    ttftUs: row.ttftUs,
    finishReasons: row.finishReasons ?? [],
    errorType: row.errorType,
    errorMessage: row.errorMessage,
    errorStatusCode: row.errorStatusCode,
  }
}

function withModel(span: StoredSpan): StoredSpan {
  return { ...span, model: span.responseModel ?? span.requestModel }
}

function isSame(before: StoredSpan, after: StoredSpan): boolean {
  return (
    flagsOf(before) === flagsOf(after) &&
    before.costNanoUsd === after.costNanoUsd &&
    before.costReason === after.costReason &&
    before.priceVersion === after.priceVersion &&
    before.ttftUs === after.ttftUs &&
    before.requestModel === after.requestModel &&
    before.errorType === after.errorType &&
    before.errorMessage === after.errorMessage &&
    before.errorStatusCode === after.errorStatusCode &&
    before.finishReasons.length === after.finishReasons.length &&
    before.finishReasons.every((reason, at) => reason === after.finishReasons[at])
  )
}

/**
 * Rows that must still have the version read, and the rollups' corrections. Where one is no longer
 * so, the division by zero fails the statement and undoes all of it.
 */
async function writeChanges(sql: Sql, changes: readonly Change[]): Promise<void> {
  const deltas = [...Map.groupBy(changes, ({ key }) => key.projectId)].flatMap(
    ([projectId, list]) =>
      foldChanges(list.map(toSpanChange)).map((delta) => ({ projectId, ...delta })),
  )
  await sql`
    with changed as (
      update spans s set flags = k.flags, cost_nano_usd = k.cost_nano_usd,
        cost_reason = k.cost_reason, price_version = k.price_version, ttft_us = k.ttft_us,
        request_model = k.request_model, finish_reasons = k.finish_reasons, error_type = k.error_type,
        error_message = k.error_message, error_status_code = k.error_status_code
      from jsonb_to_recordset(${sql.json(changes.map(toRow))}::jsonb)
        as k(slot int, day date, project_id text, trace_id uuid, span_id text, row_version text,
          flags int2, cost_nano_usd int8, cost_reason text, price_version text, ttft_us int8,
          request_model text, finish_reasons text[], error_type text, error_message text, error_status_code int4)
      where s.slot = k.slot and s.day = k.day and s.project_id = k.project_id
        and s.trace_id = k.trace_id and s.span_id = ('x' || k.span_id)::bit(64)::int8
        and s.xmin::text = k.row_version
      returning 1
    ), moved as (
      insert into rollup_deltas (slot, project_id, bucket, data)
      select slot, project_id, bucket, data from unnest(
        ${deltas.map(({ projectId }) => slotOf(projectId))}::int4[],
        ${deltas.map(({ projectId }) => projectId)}::text[],
        ${deltas.map(({ bucketMs }) => bucketMs)}::timestamptz[],
        ${sql.array(
          deltas.map(({ data }) => data),
          BYTEA_ARRAY_OID,
        )}::bytea[]
      ) as fresh(slot, project_id, bucket, data)
    )
    select 1 / case when (select count(*) from changed) = ${changes.length} then 1 else 0 end as done`
}

function toSpanChange({ before, after }: Change): SpanChange {
  return { before, after }
}

function toRow({ key, rowVersion, after }: Change, ix: number) {
  return {
    ...toKey(key, ix),
    row_version: rowVersion,
    flags: flagsOf(after),
    cost_nano_usd: after.costNanoUsd,
    cost_reason: after.costReason,
    price_version: after.priceVersion,
    ttft_us: after.ttftUs,
    request_model: after.requestModel,
    finish_reasons: after.finishReasons.length === 0 ? null : after.finishReasons,
    error_type: after.errorType,
    error_message: after.errorMessage,
    error_status_code: after.errorStatusCode,
  }
}

function keyOf({ projectId, day, traceId, spanId }: SpanAmendment): string {
  return `${projectId} ${day} ${traceId} ${spanId}`
}

function byKey(a: SpanAmendment, b: SpanAmendment): number {
  return keyOf(a) < keyOf(b) ? -1 : 1
}

function sqlStateOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : ''
}
