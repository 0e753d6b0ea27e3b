import { parseJsonText, toJson, toText } from './attribute-text.ts'
import { attributesOf, eventNameOf, recordHash } from './log-events.ts'
import { type OtlpLogRecord, recordTimeUs } from './otlp-logs.ts'

const SPAN_EVENTS = new Set([
  'gen_ai.system.message',
  'gen_ai.user.message',
  'gen_ai.assistant.message',
  'gen_ai.tool.message',
  'gen_ai.choice',
  'gen_ai.client.inference.operation.details',
  'gen_ai.client.operation.exception',
  'exception',
])

/** Events that say something of a span: its messages, its finish reason, its failure. */
export function isSpanEvent(event: string): boolean {
  return SPAN_EVENTS.has(event)
}

/** Content of a span that was moved into a record's body, whatever the event's name. */
export function hasMessagesBody(record: OtlpLogRecord): boolean {
  if (record.spanId === '' || record.body === null || typeof record.body === 'number') return false
  const body = bodyOf(record)
  return ['input', 'output'].some((side) => Array.isArray(fieldOf(fieldOf(body, side), 'messages')))
}

/** A log record of a span, ready to be stored: the narrow part, and `stored` for the chunk. */
export type SpanLog = {
  traceId: string
  spanId: string
  recordId: string
  event: string
  timeUs: number
  observedUs: number
  choiceIndex: number | null
  finishReason: string | null
  isError: boolean
  errorType: string | null
  errorMessage: string | null
  stored: StoredRecord
}

/** What a chunk of format `logs` holds of one record. */
export type StoredRecord = { event: string; attributes: Record<string, unknown>; body: unknown }

const MAX_TEXT = 256
const MAX_MESSAGE = 2_000

export function toSpanLog(record: OtlpLogRecord, occurrence: number): SpanLog {
  const event = eventNameOf(record)
  const attributes = attributesOf(record.attributes)
  const body = bodyOf(record)
  const isChoice = event === 'gen_ai.choice'
  const finishReason = isChoice ? finishReasonOf(body, attributes) : null
  const failure = failureOf(event, attributes)
  return {
    traceId: record.traceId,
    spanId: record.spanId,
    recordId: recordHash(record, occurrence),
    event,
    timeUs: recordTimeUs(record),
    observedUs: record.observedUs === 0 ? record.timeUs : record.observedUs,
    choiceIndex: isChoice ? indexOf(body, attributes) : null,
    finishReason: cut(finishReason, MAX_TEXT),
    ...failure,
    isError: failure.isError || finishReason === 'error',
    stored: { event, attributes, body },
  }
}

function failureOf(
  event: string,
  attributes: Record<string, unknown>,
): Pick<SpanLog, 'isError' | 'errorType' | 'errorMessage'> {
  const errorType = textOf(attributes['error.type']) ?? textOf(attributes['exception.type'])
  return {
    isError: event.endsWith('exception') || errorType !== null,
    errorType: cut(errorType, MAX_TEXT),
    errorMessage: cut(textOf(attributes['exception.message']), MAX_MESSAGE),
  }
}

function cut(text: string | null, length: number): string | null {
  return text === null ? null : text.slice(0, length).toWellFormed()
}

/** A body that is JSON text as its value. */
function bodyOf(record: OtlpLogRecord): unknown {
  const { body } = record
  if (typeof body !== 'string') return toJson(body)
  return /^\s*[{[]/.test(body) ? (parseJsonText(body) ?? body) : body
}

export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string, unknown>)[key]
}

function textOf(value: unknown): string | null {
  return toText(value) ?? null
}

function finishReasonOf(body: unknown, attributes: Record<string, unknown>): string | null {
  return (
    textOf(fieldOf(body, 'finish_reason')) ??
    textOf(attributes['finish_reason']) ??
    textOf(attributes['gen_ai.response.finish_reason'])
  )
}

function indexOf(body: unknown, attributes: Record<string, unknown>): number {
  const index = Number(fieldOf(body, 'index') ?? attributes['index'] ?? 0)
  return Number.isSafeInteger(index) && index >= 0 && index < 1_000_000 ? index : 0
}
