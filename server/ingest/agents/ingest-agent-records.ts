import type { Sql } from '../../db/client.ts'
import { dayOf } from '../../db/copy-buffer.ts'
import { toText } from '../attribute-text.ts'
import type { PendingSpan } from '../commit-spans.ts'
import { attributesOf } from '../log-events.ts'
import type { SpanLog } from '../log-span-events.ts'
import type { RecordAccount, Sender } from '../record-account.ts'
import { commitDerived, type DerivedCommit } from './commit-derived.ts'
import { type DerivedSpan, deriveSpan } from './derived-span.ts'
import { type AgentRecord, callIdOf, traceIdOf } from './read-event.ts'
import { settleToolParents, settleTwins, type TwinKey } from './settle-agents.ts'
import {
  expiredCalls,
  keepAgentEvents,
  markDone,
  type ReadyCall,
  readyCalls,
} from './waiting-calls.ts'

type Parts = DerivedCommit & { sql: Sql }

/** Stores the calls and tool uses that coding agents' records tell. */
export async function ingestAgentRecords(
  parts: Parts & { account: RecordAccount },
  records: readonly AgentRecord[],
): Promise<void> {
  const { sql, projectId, account } = parts
  const kept = records.filter(isKept)
  countKept(account, kept, await keepAgentEvents(sql, projectId, kept))
  const direct = records.filter((record) => !isKept(record))
  const pending = await commitDerived(parts, direct.flatMap(toDerived))
  for (const { fate, record } of pending) {
    if (fate === 'poison') account.refusedBy(`${record.name}: the database refused its content`)
  }
  const ready = kept.length === 0 ? [] : await readyCalls(sql, sessionsOf(projectId, kept))
  const completed = await commitReady(parts, ready)
  await settleToolParents(sql, projectId, [...pending, ...completed])
  await settleTwins(sql, projectId, twinKeys(records))
}

/** A call that waits is counted when it is stored as a span. */
function countKept(account: RecordAccount, kept: readonly AgentRecord[], added: Set<string>): void {
  for (const record of kept) {
    const isNew = added.delete(record.eventId)
    if (!isNew) account.duplicate(senderOf(record))
    else if (record.reading.kind !== 'call') account.stored(senderOf(record))
  }
}

function senderOf({ record, agent }: AgentRecord): Sender {
  return { group: record.group, dialect: agent.name }
}

async function commitReady(parts: Parts, ready: readonly ReadyCall[]): Promise<PendingSpan[]> {
  const pending = await commitDerived(
    parts,
    ready.map(({ span }) => span),
  )
  await markDone(parts.sql, ready)
  return pending
}

/** Calls whose other records did not come in time are stored without what those would say. */
export async function settleExpired(
  parts: Omit<Parts, 'projectId' | 'nowMs'>,
  nowMs: number,
): Promise<void> {
  const ready = await expiredCalls(parts.sql)
  for (const [projectId, calls] of Map.groupBy(ready, ({ session }) => session.projectId)) {
    const pending = await commitReady({ ...parts, projectId, nowMs }, calls)
    await settleToolParents(parts.sql, projectId, pending)
  }
}

/** What was asked and answered, as log records of the turn's trace and of the call. */
export function contentLogs(records: readonly AgentRecord[]): { log: SpanLog; sender: Sender }[] {
  return records.flatMap((of) => {
    const { reading, agent, session } = of
    const sender = senderOf(of)
    if (reading.kind === 'prompt') {
      const body = { content: reading.text }
      return [{ sender, log: toLog(of, { spanId: NO_SPAN, event: 'gen_ai.user.message', body }) }]
    }
    if (reading.kind !== 'answer') return []
    const spanId = callIdOf(agent, session, reading.key)
    const body = { message: { content: reading.text } }
    return [{ sender, log: toLog(of, { spanId, event: 'gen_ai.choice', body }) }]
  })
}

/** Of the trace as a whole: reading a call, the prompts since the call before it are its input. */
const NO_SPAN = '0000000000000000'

function toLog(
  of: AgentRecord,
  { spanId, event, body }: { spanId: string; event: string; body: unknown },
): SpanLog {
  const { record, atUs, eventId } = of
  return {
    traceId: traceIdOf(of),
    spanId,
    recordId: eventId,
    event,
    timeUs: atUs,
    observedUs: record.observedUs === 0 ? atUs : record.observedUs,
    choiceIndex: event === 'gen_ai.choice' ? 0 : null,
    finishReason: null,
    isError: false,
    errorType: null,
    errorMessage: null,
    stored: { event, attributes: attributesOf(record.attributes), body },
  }
}

function isKept({ reading }: AgentRecord): boolean {
  if (reading.kind === 'call') return reading.needs.length > 0
  return reading.kind === 'start' || reading.kind === 'session'
}

function toDerived(record: AgentRecord): DerivedSpan[] {
  const span = deriveSpan(record)
  return span === null ? [] : [span]
}

function sessionsOf(projectId: string, records: readonly AgentRecord[]) {
  const keys = records.map(({ agent, session }) => ({ projectId, agent: agent.name, session }))
  return [...new Map(keys.map((key) => [`${key.agent} ${key.session}`, key])).values()]
}

/** Spans of the same calls are sent only where the records name a trace. */
function twinKeys(records: readonly AgentRecord[]): TwinKey[] {
  return records.flatMap(({ agent, reading, record, atUs }) => {
    if (agent.twins === null || reading.kind !== 'call' || record.traceId === '') return []
    const { key } = agent.twins
    const value = toText(record.attributes.find((attribute) => attribute.key === key)?.value)
    if (value === undefined) return []
    return [{ agent, traceId: record.traceId, day: dayOf(atUs), value }]
  })
}
