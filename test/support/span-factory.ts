import { zstdCompressSync } from 'node:zlib'
import { openCopyConnection } from '../../server/db/copy.ts'
import { commitSpans, type PendingSpan } from '../../server/ingest/commit-spans.ts'
import { partitionDay } from '../../server/ingest/copy-rows.ts'
import { newId } from '../../server/platform/ids.ts'
import { ensurePartitions } from '../../server/spans/partitions.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import type { TestDatabase } from './database.ts'

/** 2026-03-04 12:00 UTC, the noon that factories count from. */
export const NOON_MS = Date.UTC(2026, 2, 4, 12)
const NO_USAGE: SpanRecord['usage'] = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
  audioInput: null,
  audioOutput: null,
  imageInput: null,
}
let made = 0

/** A successful model call of one second; every call makes another trace. */
export function spanRecord(overrides: Partial<SpanRecord> = {}): SpanRecord {
  made += 1
  const startUs = overrides.startUs ?? NOON_MS * 1_000
  const durationUs = overrides.durationUs === undefined ? 1_000_000 : overrides.durationUs
  return {
    traceId: hexId(made, 32),
    spanId: hexId(made, 16),
    parentSpanId: null,
    name: 'chat gpt-4o-mini',
    otelKind: 3,
    otelStatus: 0,
    startUs,
    endUs: startUs + (durationUs ?? -1_000),
    durationUs,
    service: 'support-chat',
    environment: null,
    release: null,
    scope: null,
    type: 'llm',
    task: null,
    operation: 'chat',
    operationRaw: 'chat',
    provider: 'openai',
    providerRaw: 'openai',
    providerInferred: false,
    requestModel: 'gpt-4o-mini',
    responseModel: null,
    model: 'gpt-4o-mini',
    responseId: null,
    usage: { ...NO_USAGE, input: 100, output: 20 },
    countsTokens: true,
    costNanoUsd: 27_000,
    costReason: null,
    priceVersion: 'test',
    senderCostNanoUsd: null,
    streaming: null,
    ttftUs: null,
    finishReasons: [],
    status: 'ok',
    errorType: null,
    errorMessage: null,
    errorStatusCode: null,
    sessionId: null,
    userId: null,
    tags: [],
    promptName: null,
    promptVersion: null,
    agentName: null,
    toolName: null,
    quarantined: false,
    dialect: 'gen-ai',
    attributeHashes: [],
    ...overrides,
  }
}

/** A span that is no model call: a step of an agent, a tool, a retrieval. */
export function stepRecord(overrides: Partial<SpanRecord> = {}): SpanRecord {
  return spanRecord({
    name: 'step',
    type: 'chain',
    operation: null,
    operationRaw: null,
    provider: null,
    providerRaw: null,
    requestModel: null,
    model: null,
    usage: NO_USAGE,
    countsTokens: false,
    costNanoUsd: null,
    costReason: 'not_a_model_call',
    priceVersion: null,
    ...overrides,
  })
}

/** Attributes of a span's body. */
export type BodyOf = (record: SpanRecord) => Record<string, string>

/** Commits the spans as ingest does; the body holds ids, name and the attributes given. */
export async function storeSpans(
  database: TestDatabase,
  records: readonly SpanRecord[],
  options: string | { projectId?: string; bodyOf?: BodyOf } = {},
): Promise<void> {
  const given = typeof options === 'string' ? { projectId: options } : options
  const { projectId = 'default', bodyOf = () => ({}) } = given
  const days = [...new Set(records.map(partitionDay))]
  await ensurePartitions(database.sql, days)
  await using copy = openCopyConnection(database.target, { deadlineMs: 20_000 })
  for (const day of days) {
    const ofDay = records.filter((record) => partitionDay(record) === day)
    const data = zstdCompressSync(Buffer.from(JSON.stringify([bodyRequest(ofDay, bodyOf)])))
    const chunk = { id: newId(), day, format: 'json' as const, codec: 'zstd' as const, data }
    const pending = ofDay.map((record, chunkIndex): PendingSpan => ({
      record,
      chunk,
      chunkIndex,
      projectId,
      receivedAtMs: NOON_MS,
      fate: null,
    }))
    await commitSpans({ sql: database.sql, copy }, pending)
  }
}

function bodyRequest(records: readonly SpanRecord[], bodyOf: BodyOf) {
  const spans = records.map((record) => ({
    traceId: record.traceId,
    spanId: record.spanId,
    name: record.name,
    attributes: Object.entries(bodyOf(record)).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    })),
  }))
  return { resourceSpans: [{ scopeSpans: [{ spans }] }] }
}

function hexId(number: number, digits: number): string {
  return `a${number.toString(16).padStart(digits - 1, '0')}`
}
