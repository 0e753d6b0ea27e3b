import { type AgentRecord, readAgentRecord } from './agents/read-event.ts'
import { EVALUATION_EVENT } from './evaluation-scores.ts'
import { eventNameOf, recordHash } from './log-events.ts'
import { hasMessagesBody, isSpanEvent } from './log-span-events.ts'
import type { OtlpLogRecord } from './otlp-logs.ts'
import type { RecordAccount } from './record-account.ts'

export type CountedRecord = { record: OtlpLogRecord; occurrence: number }

export type SortedRecords = {
  ofSpans: CountedRecord[]
  ofAgents: AgentRecord[]
  evaluations: OtlpLogRecord[]
}

/** The dialects of the ledger: GenAI events, and what no reader knows. */
export const EVENT_DIALECT = 'gen-ai'
const PLAIN_DIALECT = 'otel'

/** What is to be done with each record, by its event; the others are refused and counted. */
export function sortRecords(
  records: readonly OtlpLogRecord[],
  account: RecordAccount,
): SortedRecords {
  const sorted: SortedRecords = { ofSpans: [], ofAgents: [], evaluations: [] }
  const seen = new Map<string, number>()
  for (const record of records) {
    const { group } = record
    for (const text of warningsOf(record)) account.tell(text)
    const fault = record.fault ?? group.resource.fault ?? group.scope.fault
    const event = eventNameOf(record)
    if (fault !== null) {
      const message = `log record refused: ${fault.message}`
      account.reject({ group, dialect: PLAIN_DIALECT }, { reason: fault.reason, message })
    } else if (event === EVALUATION_EVENT) sorted.evaluations.push(record)
    else if (isSpanEvent(event) || hasMessagesBody(record)) {
      takeSpanEvent(record, event, { sorted, account, seen })
    } else takeAgentEvent(record, event, { sorted, account })
  }
  return sorted
}

function warningsOf({ warnings, group }: OtlpLogRecord): string[] {
  return [...(warnings ?? []), ...(group.resource.warnings ?? []), ...(group.scope.warnings ?? [])]
}

type Taking = { sorted: SortedRecords; account: RecordAccount }

function takeSpanEvent(
  record: OtlpLogRecord,
  event: string,
  { sorted, account, seen }: Taking & { seen: Map<string, number> },
): void {
  if (record.traceId === '' || record.spanId === '') {
    const message = `${event}: without traceId and spanId it belongs to no span`
    account.reject({ group: record.group, dialect: EVENT_DIALECT }, { reason: 'no_span', message })
    return
  }
  // A message may be sent twice in one instant: the second is no repeat of the first.
  const hash = recordHash(record, 0)
  const occurrence = seen.get(hash) ?? 0
  seen.set(hash, occurrence + 1)
  sorted.ofSpans.push({ record, occurrence })
}

const NOT_STORED =
  'not stored (kept are GenAI events of spans, evaluation results and calls of coding agents)'

function takeAgentEvent(record: OtlpLogRecord, event: string, { sorted, account }: Taking): void {
  const { group } = record
  const agentRecord = readAgentRecord(record)
  if (agentRecord === undefined) {
    const name = event === '' ? 'log record without an event name' : `log event ${short(event)}`
    const message = `${name}: ${NOT_STORED}`
    account.reject({ group, dialect: PLAIN_DIALECT }, { reason: 'not_stored', message })
  } else if (agentRecord.reading.kind === 'part') {
    const { agent } = agentRecord
    const name = short(agent.prefix + agentRecord.event)
    const message = `${name}: not stored (it tells no call or tool use of its own)`
    account.reject({ group, dialect: agent.name }, { reason: 'not_stored', message })
  } else sorted.ofAgents.push(agentRecord)
}

function short(text: string): string {
  return text.slice(0, 80).toWellFormed()
}
