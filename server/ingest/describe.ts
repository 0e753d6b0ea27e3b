import type {
  JsonValue,
  Message,
  Span,
  SpanCost,
  SpanSummary,
  SpanTool,
} from '../contract/index.ts'
import { priceRecord, priceSpan } from '../enrich/cost.ts'
import type { SpanRecord } from '../spans/span.ts'
import { toJson } from './attribute-text.ts'
import { type ChunkFormat, readChunk } from './chunk.ts'
import type { FieldName } from './dialects/dialect.ts'
import { mapSpan } from './map-span.ts'
import {
  olderGenAiMessages,
  olderToolDefinitions,
  systemText,
  toolDefinitionList,
} from './messages/gen-ai-messages.ts'
import { parsedJson, toMessages, toPlainMessage } from './messages/message-json.ts'
import { openinferenceMessages, openinferenceTools } from './messages/openinference-messages.ts'
import { dialectTables, warningsOf } from './normalise.ts'
import type { Attribute, OtlpSpan } from './otlp.ts'
import { SpanView } from './span-view.ts'
import { summariseSpan } from './summarise-span.ts'

/** What the store gives for one span: its row, and its chunk inflated. */
export type StoredSpan = {
  summary: SpanSummary
  format: ChunkFormat
  data: Buffer
  index: number
  isQuarantined: boolean
}

/** The whole span out of its row and body. */
export function describeStoredSpan(stored: StoredSpan): Span {
  const { summary, format, data, index } = stored
  const span = readChunk(format, data).spans[index]
  if (span?.traceId !== summary.traceId || span.spanId !== summary.spanId) {
    throw new Error(
      `the body of span ${summary.spanId} of trace ${summary.traceId} holds another span at ${index}`,
    )
  }
  const described = describeSpan(span, summary)
  if (!stored.isQuarantined) return described
  const text = 'time out of range: kept apart from charts and alerts'
  return { ...described, warnings: [...described.warnings, text] }
}

/**
 * The whole span as the API shows it. From the body comes all that is not stored narrow (messages,
 * raw usage, which attribute fed which field), read by the tables that run at ingest; `stored`,
 * where given, stands over what those tables say today.
 */
export function describeSpan(span: OtlpSpan, stored?: SpanSummary): Span {
  const mapping: Span['mapping'] = []
  const warnings = new Set(warningsOf(span))
  const view = new SpanView(dialectTables(), span)
  view.trace = (field, { key, path }) => {
    const name = FIELD_NAMES.get(field) ?? field
    if (mapping.some((entry) => entry.field === name)) return
    mapping.push({ field: name, from: path === undefined ? key : `${key} → ${path}` })
  }
  const record = mapSpan(view, { nowUs: null, warn: (text) => warnings.add(text) })
  priceRecord(record)
  const summary = { ...summariseSpan(record), ...stored }
  return {
    ...summary,
    model: summary.model ?? record.model,
    cost: withBuckets(summary.cost, record),
    usageRaw: usageRaw(span.attributes),
    temperature: view.number('temperature') ?? null,
    maxTokens: view.number('maxTokens') ?? null,
    tool: readTool(view, record),
    inputMessages: readMessages(view, 'input'),
    outputMessages: readMessages(view, 'output'),
    systemInstructions: systemText(view.raw('systemInstructions')),
    toolDefinitions: readToolDefinitions(view),
    ...verbatim(span),
    mapping,
    unmapped: unmappedKeys(view),
    dialect: record.dialect,
    warnings: [...warnings],
  }
}

function verbatim(span: OtlpSpan): Pick<Span, 'attributes' | 'resource' | 'events' | 'links'> {
  return {
    attributes: toObject(span.attributes),
    resource: toObject(span.group.resource.attributes),
    events: span.events.map(({ name, timeUs, attributes }) => ({
      name,
      time: timeUs / 1_000,
      attributes: toObject(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: toObject(attributes),
    })),
  }
}

/** Names of the contract where the tables have others. */
const FIELD_NAMES = new Map<FieldName | 'type', string>([
  ['ttft', 'ttftMs'],
  ['senderCost', 'cost.senderUsd'],
  ['errorType', 'error.type'],
  ['errorMessage', 'error.message'],
  ['errorStatusCode', 'error.statusCode'],
  ['toolCallId', 'tool.callId'],
  ['toolArguments', 'tool.arguments'],
  ['toolResult', 'tool.result'],
  ['operation', 'operationRaw'],
  ['provider', 'providerRaw'],
])

/** A later price list has other buckets than those the stored amount was made of. */
function withBuckets(cost: SpanCost, record: SpanRecord): SpanCost {
  const price = priceSpan(record)
  if (price.priceVersion === null || price.priceVersion !== cost.priceVersion) return cost
  return {
    ...cost,
    buckets: price.buckets.map((bucket) => ({
      ...bucket,
      usd: (bucket.tokens * bucket.pricePerMTok) / 1e6,
    })),
  }
}

/** From the span's attributes, else its events; never copies put together. */
function readMessages(view: SpanView, side: 'input' | 'output'): Message[] {
  const messages = attributeMessages(view, side)
  // LiteLLM sends a tool call's message without parts, and the call in an older attribute.
  if (messages.some(({ parts }) => parts.length > 0)) return messages
  const dialects = new Set(view.plan.dialects.map((dialect) => dialect.name))
  const older = dialects.has('gen-ai') ? olderGenAiMessages(view.span, side) : []
  if (older.length > 0 || messages.length > 0) return older.length > 0 ? older : messages
  return dialects.has('openinference') ? openinferenceMessages(view.span.attributes, side) : []
}

function attributeMessages(view: SpanView, side: 'input' | 'output'): Message[] {
  const sent = view.raw(side === 'input' ? 'inputMessages' : 'outputMessages')
  const messages = toMessages(sent)
  if (messages !== undefined) return messages
  if (view.type === 'embedding') return embeddedTexts(sent)
  const plain = toPlainMessage(side === 'input' ? 'user' : 'assistant', sent)
  return plain === undefined ? [] : [plain]
}

/** The texts to embed have no role. */
function embeddedTexts(sent: unknown): Message[] {
  const value = parsedJson(sent)
  const texts = Array.isArray(value) ? value : [value]
  return texts.flatMap((content) =>
    typeof content === 'string' ? [{ role: '', parts: [{ type: 'text' as const, content }] }] : [],
  )
}

function readTool(view: SpanView, record: SpanRecord): SpanTool | null {
  if (record.type !== 'tool') return null
  const result = view.raw('toolResult')
  return {
    name: record.toolName ?? record.name,
    callId: view.text('toolCallId'),
    arguments: parsedJson(view.raw('toolArguments')),
    result: parsedJson(result),
  }
}

function readToolDefinitions(view: SpanView): JsonValue[] {
  const sent = view.raw('toolDefinitions')
  if (sent !== undefined) return toolDefinitionList(sent)
  const { attributes } = view.span
  const older = olderToolDefinitions(attributes)
  return older.length > 0 ? older : openinferenceTools(attributes)
}

const USAGE_KEY = /(^|[._])(usage|token_count|aggregated_usage)[._]/

function usageRaw(attributes: readonly Attribute[]): Record<string, JsonValue> {
  return toObject(attributes.filter(({ key }) => USAGE_KEY.test(key)))
}

function toObject(attributes: readonly Attribute[]): Record<string, JsonValue> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toJson(value) as JsonValue]))
}

/** Attributes that no table of the span's dialects reads. */
function unmappedKeys(view: SpanView): string[] {
  const prefixes = view.plan.dialects.flatMap((dialect) => dialect.consumedPrefixes ?? [])
  const known = new Set(
    Object.values(view.plan.sources).flatMap((sources) => sources.map((source) => source.key)),
  )
  for (const { key } of view.plan.kinds) known.add(key)
  return view.span.attributes
    .map(({ key }) => key)
    .filter((key) => !known.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)))
}
