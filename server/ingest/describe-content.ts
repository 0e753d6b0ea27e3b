import type { JsonValue, Message, Span, SpanTool } from '../contract/index.ts'
import type { SpanRecord } from '../spans/span.ts'
import type { FoundMessages, Source } from './dialects/dialect.ts'
import {
  eventDetail,
  eventMessages,
  systemText,
  toolDefinitionList,
} from './messages/gen-ai-messages.ts'
import {
  type LogRecord,
  logMessages,
  logSystemInstructions,
  logToolDefinitions,
} from './messages/log-messages.ts'
import { toMessages, toPlainMessage } from './messages/message-json.ts'
import { parsedJson } from './messages/part-json.ts'
import { embeddedTexts } from './messages/provider-json.ts'
import { type SpanView, toPlain } from './span-view.ts'

type Side = 'input' | 'output'
type Content = Pick<
  Span,
  'inputMessages' | 'outputMessages' | 'systemInstructions' | 'toolDefinitions'
>

/** What was said: from the span's attributes, else its log records, else its events. */
export function readContent(view: SpanView, logs: readonly LogRecord[]): Content {
  return {
    inputMessages: readMessages(view, 'input', logs),
    outputMessages: readMessages(view, 'output', logs),
    systemInstructions: readSystem(view, logs),
    toolDefinitions: readToolDefinitions(view, logs),
  }
}

/** One of the places that have them; copies are never put together. */
function readMessages(view: SpanView, side: Side, logs: readonly LogRecord[]): Message[] {
  // What a tool was given and gave stands in `tool`.
  if (view.type === 'tool') return []
  const field = side === 'input' ? 'inputMessages' : 'outputMessages'
  const { trace } = view
  view.trace = null
  const sent = attributeMessages(view, side)
  view.trace = trace
  // LiteLLM sends a tool call's message without parts, and the call in an older attribute.
  const hasParts = sent?.messages.some(({ parts }) => parts.length > 0) === true
  const found = (hasParts ? sent : elsewhere(view, side, logs)) ?? sent
  if (found === null || found.messages.length === 0) return []
  const isOfLog = found.from === FROM_LOGS
  view.trace?.(field, { key: found.from, ...(isOfLog ? { note: 'from log event' } : {}) })
  return found.messages
}

const FROM_LOGS = 'log records'

function elsewhere(view: SpanView, side: Side, logs: readonly LogRecord[]): FoundMessages | null {
  for (const dialect of view.plan.dialects) {
    const found = dialect.messages?.(view.span, side) ?? null
    if (found !== null) return found
  }
  const inLogs = logMessages(logs, side)
  return inLogs.length > 0 ? { messages: inLogs, from: FROM_LOGS } : eventMessages(view.span, side)
}

function attributeMessages(view: SpanView, side: Side): FoundMessages | null {
  const field = side === 'input' ? 'inputMessages' : 'outputMessages'
  return view.find(field, (value, source) => {
    const isRead = source.read !== undefined
    const messages = isRead
      ? (value as Message[])
      : shownMessages(view, side, sentMessages(value, source))
    const from = source.path === undefined ? source.key : `${source.key} → ${source.path}`
    return messages.length === 0 ? undefined : { messages, from }
  })
}

/** A list of no messages is none; of a function's own values it is what the function was given. */
function sentMessages(value: unknown, source: Source): unknown {
  const sent = toPlain(value, source)
  const isEmpty = sent === '[]' || (Array.isArray(sent) && sent.length === 0)
  return isEmpty && source.key.endsWith('.messages') ? undefined : sent
}

function shownMessages(view: SpanView, side: Side, sent: unknown): Message[] {
  if (view.type === 'embedding') {
    if (side === 'output') return []
    const texts = embeddedTexts(sent)
    return texts.length > 0 ? texts : (toMessages(sent) ?? [])
  }
  const messages = toMessages(sent)
  if (messages !== undefined) return messages
  const plain = toPlainMessage(side === 'input' ? 'user' : 'assistant', sent)
  return plain === undefined ? [] : [plain]
}

function readSystem(view: SpanView, logs: readonly LogRecord[]): string | null {
  const sent = systemText(view.raw('systemInstructions'))
  if (sent !== null) return sent
  const inLogs = logSystemInstructions(logs)
  const told = inLogs ?? systemText(eventDetail(view.span, 'gen_ai.system_instructions'))
  if (told !== null) {
    view.trace?.('systemInstructions', { key: inLogs === null ? 'span event' : FROM_LOGS })
  }
  return told
}

/** The first place that has any; a list of none is no reason to look no further. */
function readToolDefinitions(view: SpanView, logs: readonly LogRecord[]): JsonValue[] {
  const sent = toolDefinitionList(view.raw('toolDefinitions'))
  if (sent.length > 0) return sent
  for (const dialect of view.plan.dialects) {
    const flattened = dialect.toolDefinitions?.(view.span) ?? []
    if (flattened.length === 0) continue
    view.trace?.('toolDefinitions', { key: `flattened, as of ${dialect.name}` })
    return flattened
  }
  const inLogs = logToolDefinitions(logs)
  if (inLogs.length > 0) view.trace?.('toolDefinitions', { key: FROM_LOGS })
  return inLogs
}

export function readTool(view: SpanView, record: SpanRecord): SpanTool | null {
  if (record.type !== 'tool') return null
  if (record.toolName === null) view.trace?.('toolName', { key: 'name', note: "the span's name" })
  return {
    name: record.toolName ?? record.name,
    callId: view.text('toolCallId'),
    arguments: parsedJson(view.raw('toolArguments')),
    result: parsedJson(view.raw('toolResult')),
  }
}
