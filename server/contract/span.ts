import * as z from 'zod/mini'
import { EpochMs, Scanned } from './primitives.ts'

export const SPAN_TYPES = [
  'llm',
  'embedding',
  'tool',
  'agent',
  'chain',
  'retriever',
  'reranker',
  'guardrail',
  'evaluator',
  'prompt',
  'other',
] as const
export const SpanType = z.enum(SPAN_TYPES)
export type SpanType = z.infer<typeof SpanType>

export const SpanStatus = z.enum(['ok', 'error'])
export type SpanStatus = z.infer<typeof SpanStatus>

const text = z.nullable(z.string())
const count = z.nullable(z.number())

/** JSON as it arrived; numbers beyond 2^53 are strings. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [key: string]: JsonValue }
const Json = z.json() as unknown as z.ZodMiniType<JsonValue, JsonValue>

export const MessagePart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), content: z.string() }),
  z.object({ type: z.literal('reasoning'), content: z.string() }),
  z.object({ type: z.literal('tool_call'), id: text, name: z.string(), arguments: Json }),
  z.object({ type: z.literal('tool_call_response'), id: text, response: Json }),
  z.object({
    type: z.enum(['blob', 'file', 'uri']),
    modality: text,
    mimeType: z.optional(text),
    uri: z.optional(text),
    fileId: z.optional(text),
    content: z.optional(text),
    /** Of media that the sender kept to itself: the hash and the number of its bytes. */
    sha256: z.optional(text),
    bytes: z.optional(count),
  }),
  z.object({ type: z.literal('other'), value: Json }),
])
export type MessagePart = z.infer<typeof MessagePart>

/** One message with OTel GenAI parts. */
export const Message = z.object({
  role: z.string(),
  parts: z.array(MessagePart),
  finishReason: z.optional(text),
})
export type Message = z.infer<typeof Message>

export const COST_REASONS = [
  'unknown_model',
  'missing_usage',
  'implausible_usage',
  'self_hosted_unpriced',
  'not_a_model_call',
] as const
export const CostReason = z.enum(COST_REASONS)
export type CostReason = z.infer<typeof CostReason>

/** Cost of one span in USD; `totalUsd` null with its `reason` where there is no price. */
export const SpanCost = z.object({
  totalUsd: count,
  buckets: z.array(
    z.object({ kind: z.string(), tokens: z.number(), pricePerMTok: z.number(), usd: z.number() }),
  ),
  source: z.nullable(z.enum(['price-book', 'custom', 'sender'])),
  priceVersion: text,
  reason: z.nullable(CostReason),
  senderUsd: count,
})
export type SpanCost = z.infer<typeof SpanCost>

export const SpanError = z.object({ type: text, message: text, statusCode: count })
export type SpanError = z.infer<typeof SpanError>

export const SpanTool = z.object({ name: text, callId: text, arguments: Json, result: Json })
export type SpanTool = z.infer<typeof SpanTool>

/** A span without its bodies, as lists and `GET /traces/{traceId}` answer it. null = not sent. */
export const SpanSummary = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: text,
  name: z.string(),
  otelKind: z.string(),
  otelStatus: z.string(),
  startTime: EpochMs,
  endTime: EpochMs,
  durationMs: count,
  service: text,
  environment: text,
  release: text,
  scope: text,
  type: SpanType,
  task: text,
  operation: text,
  operationRaw: text,
  provider: text,
  providerRaw: text,
  providerInferred: z.boolean(),
  requestModel: text,
  responseModel: text,
  model: text,
  responseId: text,
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  reasoningTokens: count,
  audioInputTokens: count,
  audioOutputTokens: count,
  imageInputTokens: count,
  countsTokens: z.boolean(),
  cost: SpanCost,
  streaming: z.nullable(z.boolean()),
  ttftMs: count,
  finishReasons: z.array(z.string()),
  status: SpanStatus,
  error: z.nullable(SpanError),
  sessionId: text,
  userId: text,
  tags: z.array(z.string()),
  promptName: text,
  promptVersion: text,
  agentName: text,
  toolName: text,
})
export type SpanSummary = z.infer<typeof SpanSummary>

/** The whole span, as `GET /traces/{traceId}/spans/{spanId}` answers it. */
export const Span = z.extend(SpanSummary, {
  usageRaw: z.record(z.string(), Json),
  temperature: count,
  maxTokens: count,
  tool: z.nullable(SpanTool),
  inputMessages: z.array(Message),
  outputMessages: z.array(Message),
  systemInstructions: text,
  toolDefinitions: z.array(Json),
  attributes: z.record(z.string(), Json),
  resource: z.record(z.string(), Json),
  events: z.array(
    z.object({ name: z.string(), time: EpochMs, attributes: z.record(z.string(), Json) }),
  ),
  links: z.array(
    z.object({ traceId: z.string(), spanId: z.string(), attributes: z.record(z.string(), Json) }),
  ),
  mapping: z.array(z.object({ field: z.string(), from: z.string(), note: z.optional(z.string()) })),
  unmapped: z.array(z.string()),
  dialect: z.string(),
  warnings: z.array(z.string()),
})
export type Span = z.infer<typeof Span>

export const SpanList = z.object({
  items: z.array(SpanSummary),
  nextCursor: text,
  scanned: z.optional(Scanned),
})
export type SpanList = z.infer<typeof SpanList>
