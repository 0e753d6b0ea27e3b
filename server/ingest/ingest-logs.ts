import type { Sql } from '../db/client.ts'
import { withDeadline } from '../db/copy.ts'
import { dayOf } from '../db/copy-buffer.ts'
import { recordLedger } from '../ledger/record-ledger.ts'
import type { SourceBook } from '../ledger/source-book.ts'
import type { Clock } from '../platform/clock.ts'
import type { Counters } from '../platform/counters.ts'
import { UnavailableError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import type { NewScore } from '../scores/parse-score.ts'
import { contentLogs, ingestAgentRecords, settleExpired } from './agents/ingest-agent-records.ts'
import type { AgentRecord } from './agents/read-event.ts'
import { sessionsToSettle, settleSessionTwins } from './agents/session-twins.ts'
import { settleTwins, twinKeysOf } from './agents/settle-agents.ts'
import type { PendingSpan } from './commit-spans.ts'
import { decodeLogsJson } from './decode-logs-json.ts'
import { decodeLogsProtobuf } from './decode-logs-protobuf.ts'
import { saveEvaluations, toScore } from './evaluation-scores.ts'
import type { ExportAnswer } from './export-answer.ts'
import { joinSpanLogs, spansToJoin } from './join-span-logs.ts'
import { type SpanLog, toSpanLog } from './log-span-events.ts'
import type { OtlpSpan } from './otlp.ts'
import type { OtlpLogRecord } from './otlp-logs.ts'
import type { RecentLogs } from './recent-logs.ts'
import { RecordAccount, type Sender } from './record-account.ts'
import { EVENT_DIALECT, sortRecords, type SortedRecords } from './sort-records.ts'
import { storeSpanLogs } from './store-span-logs.ts'

export type SignalParts = {
  sql: Sql
  clock: Clock
  counters: Counters
  log: Log
  recent: RecentLogs
  book: SourceBook
  /** Resolves once the spans that were derived from records are committed. */
  commit: (pending: PendingSpan[]) => Promise<void>
}

export type SignalRequest = { projectId: string; format: 'protobuf' | 'json'; body: Buffer }

const DEADLINE_MS = 5_000
/** For all the statements of one request. */
const STORE_DEADLINE_MS = 20_000

/** What one request is stored with. */
type Storing = SignalParts & { projectId: string; nowMs: number; account: RecordAccount }

/** Stores what log records say of model calls; answers after the commit. */
export async function ingestLogs(
  parts: SignalParts,
  { format, body, projectId }: SignalRequest,
): Promise<ExportAnswer> {
  const { records } = format === 'json' ? decodeLogsJson(body) : decodeLogsProtobuf(body)
  const { book, counters } = parts
  const nowMs = parts.clock.nowMs()
  const account = new RecordAccount({ projectId, nowMs, signal: 'logs', book })
  const storing = { ...parts, projectId, nowMs, account }
  const sorted = sortRecords(records, account)
  await storeOrRefuse(parts, async () => {
    await storeOfSpans(storing, sorted)
    await storeOfAgents(storing, sorted.ofAgents)
    await storeEvaluations(storing, sorted.evaluations)
  })
  await storeOrRefuse(parts, () =>
    withDeadline(recordLedger(parts.sql, account.entries()), DEADLINE_MS),
  )
  const answer = account.answer()
  counters.inc('sightline_log_records_total', {}, records.length)
  counters.inc('sightline_log_records_rejected_total', {}, answer.rejected)
  return answer
}

/** Nothing is promised for what could not be stored: the sender sends it again. */
export async function storeOrRefuse(
  { counters, log }: Pick<SignalParts, 'counters' | 'log'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await withDeadline(work(), STORE_DEADLINE_MS)
  } catch (error) {
    counters.inc('sightline_commit_failures_total')
    log.warn({ error }, 'a request of logs or metrics could not be stored')
    throw new UnavailableError('the database cannot be written to; send again', { cause: error })
  }
}

async function storeOfSpans(storing: Storing, { ofSpans, ofAgents }: SortedRecords): Promise<void> {
  const { sql, recent, projectId, nowMs, account } = storing
  const own = ofSpans.map(({ record, occurrence }) => toSpanLog(record, occurrence))
  const contents = contentLogs(ofAgents)
  const logs = [...own, ...contents.map(({ log }) => log)]
  if (logs.length === 0) return
  const senders: Sender[] = [
    ...ofSpans.map(({ record }) => ({ group: record.group, dialect: EVENT_DIALECT })),
    ...contents.map(({ sender }) => sender),
  ]
  if (own.length > 0) await recent.note(projectId, 'messages', nowMs)
  const added = await storeSpanLogs(sql, { projectId, nowUs: nowMs * 1_000, logs })
  for (const [at, { recordId }] of logs.entries()) {
    const sender = senders[at]
    if (sender === undefined) continue
    // One of two equal records of a request is the repeat.
    if (added.delete(recordId)) account.stored(sender)
    else account.duplicate(sender)
  }
  const telling = own.filter(isTelling).map((log) => keyOf(log, nowMs))
  await joinSpanLogs(sql, projectId, telling)
}

/** Whether the span's row may have to be amended. */
function isTelling({ finishReason, isError }: SpanLog): boolean {
  return finishReason !== null || isError
}

/** The span of a record without a time of its own has ended just now. */
function keyOf({ traceId, spanId, timeUs }: SpanLog, nowMs: number) {
  return { traceId, spanId, day: dayOf(timeUs === 0 ? nowMs * 1_000 : timeUs) }
}

/** Stored as log records of the calls. */
const CONTENT = new Set(['prompt', 'answer'])

async function storeOfAgents(storing: Storing, records: readonly AgentRecord[]): Promise<void> {
  const telling = records.filter(({ reading }) => !CONTENT.has(reading.kind))
  if (telling.length === 0) return
  await storing.recent.note(storing.projectId, 'agents', storing.nowMs)
  await ingestAgentRecords(storing, telling)
}

async function storeEvaluations(
  { sql, projectId, account }: Storing,
  records: readonly OtlpLogRecord[],
): Promise<void> {
  const scores: { score: NewScore; sender: Sender }[] = []
  for (const record of records) {
    const sender = { group: record.group, dialect: EVENT_DIALECT }
    const score = toScore(record)
    if (typeof score === 'string') account.reject(sender, { reason: 'no_score', message: score })
    else scores.push({ score, sender })
  }
  const added = await saveEvaluations(
    sql,
    projectId,
    scores.map(({ score }) => score),
  )
  for (const { score, sender } of scores) {
    if (added.delete(score.id ?? '')) account.stored(sender)
    else account.duplicate(sender)
  }
}

/** After the commit of a request's spans: what log records told of them, or of the same calls, before. */
export async function joinLogsOf(
  { sql, clock, recent }: Pick<SignalParts, 'sql' | 'clock' | 'recent'>,
  pending: readonly PendingSpan[],
  spans: readonly OtlpSpan[],
): Promise<void> {
  const projectId = pending[0]?.projectId
  if (projectId === undefined) return
  const nowMs = clock.nowMs()
  if (await recent.has(projectId, 'messages', nowMs)) {
    await withDeadline(joinSpanLogs(sql, projectId, spansToJoin(pending)), DEADLINE_MS)
  }
  if (await recent.has(projectId, 'agents', nowMs)) {
    await settleTwins(sql, projectId, twinKeysOf(spans))
    await settleSessionTwins(sql, sessionsToSettle(pending))
  }
}

/** Calls of coding agents that have waited long enough for what is said elsewhere. */
export async function settleWaitingCalls(parts: SignalParts): Promise<void> {
  await settleExpired(parts, parts.clock.nowMs())
}
