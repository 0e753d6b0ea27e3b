import type { JsonValue, Message } from '../../contract/index.ts'
import { fieldOf, type StoredRecord } from '../log-span-events.ts'
import { systemText, toolDefinitionList } from './gen-ai-messages.ts'
import { toMessages } from './message-json.ts'
import { requestMessages } from './provider-json.ts'

// Messages that came as log records of their span: one record each in conventions 1.28 to 1.36,
// all of a call in one record (or one for each side) from 1.37 on.

export type LogRecord = StoredRecord & { at: number; observedAt: number; receivedAt: number }

const DETAILS = 'gen_ai.client.inference.operation.details'
const INPUT_EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$/

/** From the records in their order; [] where they hold none. */
export function logMessages(records: readonly LogRecord[], side: 'input' | 'output'): Message[] {
  const whole = toMessages(detail(records, `gen_ai.${side}.messages`)) ?? sidesOf(records, side)
  if (whole.length > 0) return whole
  return side === 'input'
    ? inOrder(records.filter(({ event }) => INPUT_EVENT.test(event))).flatMap(toInput)
    : records
        .filter(({ event }) => event === 'gen_ai.choice')
        .toSorted((a, b) => choiceIndex(a) - choiceIndex(b))
        .flatMap(toOutput)
}

export function logSystemInstructions(records: readonly LogRecord[]): string | null {
  return systemText(detail(records, 'gen_ai.system_instructions'))
}

export function logToolDefinitions(records: readonly LogRecord[]): JsonValue[] {
  const sent = detail(records, 'gen_ai.tool.definitions')
  return sent === undefined ? [] : toolDefinitionList(sent)
}

/** The first value of that name in the records of a whole call, attribute or body. */
function detail(records: readonly LogRecord[], key: string): unknown {
  for (const { event, attributes, body } of records) {
    if (event !== DETAILS) continue
    const value = fieldOf(attributes, key) ?? fieldOf(body, key)
    if (value !== undefined && value !== null && value !== '') return value
  }
  return undefined
}

/** AWS's distribution moves a span's content into a record's body: `{input: {messages}, output: …}`. */
function sidesOf(records: readonly LogRecord[], side: 'input' | 'output'): Message[] {
  for (const { body } of records) {
    const messages = toMessages(fieldOf(fieldOf(body, side), 'messages'))
    if (messages !== undefined) return messages
  }
  return []
}

/**
 * The records are sorted by time, then by arrival. Records of one instant that came in reverse (a
 * sender may repeat requests in any order) are told by what cannot be: an answer of a tool before
 * its call, a system message behind others.
 */
function inOrder(records: readonly LogRecord[]): LogRecord[] {
  const ordered: LogRecord[] = []
  for (let at = 0; at < records.length;) {
    const first = records[at]
    let end = at + 1
    while (end < records.length && isSameInstant(first, records[end])) end += 1
    const group = records.slice(at, end)
    ordered.push(...(isReversed(group) ? group.toReversed() : group))
    at = end
  }
  return ordered
}

function isSameInstant(a: LogRecord | undefined, b: LogRecord | undefined): boolean {
  return a?.at === b?.at && a?.observedAt === b?.observedAt
}

function isReversed(group: readonly LogRecord[]): boolean {
  const roles = group.map(({ event }) => INPUT_EVENT.exec(event)?.[1])
  const [first] = roles
  if (roles.lastIndexOf('system') > 0) return first !== 'system'
  const firstCall = group.findIndex(({ body }) => fieldOf(body, 'tool_calls') !== undefined)
  if (firstCall > 0 && first === 'tool') return true
  return first === 'assistant' && roles.at(-1) === 'user' && roles.length === 2
}

// A record without content is a message all the same: the sender has content switched off.
const NO_CONTENT = { content: '' }

function toInput(record: LogRecord): Message[] {
  const role = INPUT_EVENT.exec(record.event)?.[1] ?? 'user'
  const fields = fieldsOf(record)
  const ofGemini = geminiMessages(fields['content'], role)
  if (ofGemini !== undefined) return ofGemini
  const id = role === 'tool' ? { tool_call_id: fields['id'] ?? fields['tool_call_id'] } : {}
  return toMessages([{ role, ...NO_CONTENT, ...fields, ...id }]) ?? []
}

function toOutput(record: LogRecord): Message[] {
  const fields = fieldsOf(record)
  const inner = fields['message'] ?? fields
  const message = typeof inner === 'object' && inner !== null ? inner : { content: inner }
  const reason = fields['finish_reason']
  const finish = typeof reason === 'string' && reason !== '' ? { finish_reason: reason } : {}
  const ofGemini = geminiMessages(fieldOf(message, 'content'), 'assistant')
  if (ofGemini !== undefined) {
    return ofGemini.map((one) => ({
      ...one,
      ...(finish.finish_reason && { finishReason: finish.finish_reason }),
    }))
  }
  return toMessages([{ role: 'assistant', ...NO_CONTENT, ...message, ...finish }]) ?? []
}

/** Gemini's contents keep their own form under OTel's names; undefined where it is another. */
function geminiMessages(content: unknown, role: string): Message[] | undefined {
  const contents: unknown[] = Array.isArray(content) ? content : [content]
  const isGemini =
    contents.length > 0 && contents.every((one) => Array.isArray(fieldOf(one, 'parts')))
  if (!isGemini) return undefined
  const messages = requestMessages({ contents })
  return messages?.map((message) => (message.role === '' ? { ...message, role } : message))
}

/** The body's fields; a body of plain text is the content; no body at all, the attributes. */
function fieldsOf({ body, attributes }: LogRecord): Record<string, unknown> {
  if (typeof body === 'string') return { content: body }
  if (typeof body === 'object' && body !== null) return { ...body }
  return { ...attributes }
}

function choiceIndex({ body, attributes }: LogRecord): number {
  const index = Number(fieldOf(body, 'index') ?? fieldOf(attributes, 'index') ?? 0)
  return Number.isFinite(index) ? index : 0
}
