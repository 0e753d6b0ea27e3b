import { outputSchema, searchesTheWeb, tokensToCache } from './anthropic-request.ts'
import { fnv1a, hex32 } from './random.ts'
import { countTokens } from './tokens.ts'
import { textOf } from './wire.ts'
import type { Block, JsonSchema, MessagesRequest } from './anthropic-request.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatRequest, Choice } from './wire.ts'

/** A message as Anthropic answers it. */
export type MessageBody = {
  readonly id: string
  readonly model: string
  readonly content: readonly Block[]
  readonly stop_reason: string
  readonly stop_sequence: string | null
  readonly stop_details: object | null
  readonly usage: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

/** In a prompt it makes the model think in a way that only Anthropic can read. */
export const REDACTED_THINKING_TRIGGER = 'TRIGGER_REDACTED_THINKING'

const EXPLANATION = 'The request asks for something that the usage policy excludes.'

type Answered = { readonly call: SimulatedCall; readonly chat: ChatRequest; readonly index: number }

export function messageBody(request: MessagesRequest, answered: Answered): MessageBody {
  const { call, chat } = answered
  const [choice] = call.choices
  const stopped = stopAt(choice?.content ?? '', request.stop_sequences)
  const isRefused = call.behaviour === 'refusal'
  const said = isRefused ? [] : blocksOf(request, { call, text: stopped.text, choice })
  const thinking = request.thinking?.type === 'enabled' || request.thinking?.type === 'adaptive'
  const content = [...(thinking ? [thinkingBlock(chat, call)] : []), ...said]
  return {
    id: `msg_${call.id.slice(-24)}`,
    type: 'message',
    role: 'assistant',
    model: call.model,
    content,
    stop_reason: stopReason(call, { choice, hasStopped: stopped.sequence !== null }),
    stop_sequence: stopped.sequence,
    stop_details: isRefused
      ? { type: 'refusal', category: 'general_harms', explanation: EXPLANATION }
      : null,
    container: null,
    usage: usageBody(request, { ...answered, content }),
  }
}

type Said = {
  readonly call: SimulatedCall
  readonly text: string
  readonly choice: Choice | undefined
}

function blocksOf(request: MessagesRequest, { call, text, choice }: Said): Block[] {
  const schema = outputSchema(request)
  if (schema !== undefined) return [{ type: 'text', citations: null, text: jsonFor(schema) }]
  const calls = (choice?.toolCalls ?? []).map(({ id, function: { name, arguments: input } }) => ({
    type: 'tool_use',
    id: id.replace('call_', 'toolu_'),
    caller: { type: 'direct' },
    name,
    input: JSON.parse(input) as unknown,
  }))
  const said: Block[] = text === '' ? [] : [{ type: 'text', citations: null, text }]
  return [...(searchesTheWeb(request) ? webSearch(call) : []), ...said, ...calls]
}

function webSearch(call: SimulatedCall): Block[] {
  const id = `srvtoolu_${call.id.slice(-20)}`
  const hit = {
    type: 'web_search_result',
    title: 'Shipping times',
    url: 'https://shop.example/shipping',
    page_age: '3 days ago',
    encrypted_content: 'RW5jcnlwdGVkQ29udGVudA==',
  }
  const caller = { type: 'direct' }
  return [
    { type: 'server_tool_use', id, name: 'web_search', caller, input: { query: 'shipping times' } },
    { type: 'web_search_tool_result', tool_use_id: id, caller, content: [hit] },
  ]
}

function thinkingBlock(chat: ChatRequest, call: SimulatedCall): Block {
  const question = textOf(chat.messages.at(-1) ?? { role: 'user' })
  const sign = hex32(fnv1a(call.id))
  if (chat.messages.some((message) => textOf(message).includes(REDACTED_THINKING_TRIGGER))) {
    return { type: 'redacted_thinking', data: `RW5jcnlwdGVk${sign}` }
  }
  const thinking = `The customer asks: ${question.slice(0, 80)} I look at what the shop knows.`
  return { type: 'thinking', thinking, signature: `sig_${sign}` }
}

function stopAt(text: string, sequences: readonly string[] = []) {
  let end = text.length
  let found: string | null = null
  for (const sequence of sequences) {
    const at = text.indexOf(sequence)
    if (at === -1 || at >= end) continue
    end = at
    found = sequence
  }
  return { text: text.slice(0, end), sequence: found }
}

const STOP_REASONS: Readonly<Record<Choice['finishReason'], string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
}

function stopReason(
  call: SimulatedCall,
  { choice, hasStopped }: { choice: Choice | undefined; hasStopped: boolean },
): string {
  if (call.behaviour === 'refusal') return 'refusal'
  if (call.behaviour === 'pause-turn') return 'pause_turn'
  if (hasStopped) return 'stop_sequence'
  return STOP_REASONS[choice?.finishReason ?? 'stop']
}

/** What is cached counts beside the input; the first of equal requests writes it, those after read it. */
function usageBody(
  request: MessagesRequest,
  { call, index, content }: Answered & { readonly content: readonly Block[] },
): Record<string, unknown> {
  const { fiveMinutes, oneHour } = tokensToCache(request)
  const cached = fiveMinutes + oneHour
  const isWrite = index === 0
  const thinking = content.find(({ type }) => type === 'thinking')?.['thinking']
  const thinkingTokens = typeof thinking === 'string' ? countTokens(thinking) : 0
  const hasSearched = content.some(({ type }) => type === 'server_tool_use')
  return {
    input_tokens: Math.max(1, call.usage.promptTokens - cached),
    cache_creation_input_tokens: isWrite ? cached : 0,
    cache_read_input_tokens: isWrite ? 0 : cached,
    cache_creation: {
      ephemeral_5m_input_tokens: isWrite ? fiveMinutes : 0,
      ephemeral_1h_input_tokens: isWrite ? oneHour : 0,
    },
    output_tokens: call.usage.completionTokens + thinkingTokens,
    output_tokens_details: { thinking_tokens: thinkingTokens },
    server_tool_use: hasSearched ? { web_search_requests: 1, web_fetch_requests: 0 } : null,
    service_tier: 'standard',
    inference_geo: 'us',
    speed: null,
  }
}

function jsonFor(schema: JsonSchema): string {
  return JSON.stringify(valueFor(schema, 'value'))
}

function valueFor(schema: JsonSchema, name: string): unknown {
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.type === 'object') {
    const properties = Object.entries(schema.properties ?? {})
    return Object.fromEntries(properties.map(([key, inner]) => [key, valueFor(inner, key)]))
  }
  if (schema.type === 'array') return [valueFor(schema.items ?? {}, name)]
  if (schema.type === 'integer' || schema.type === 'number') return name.length
  return schema.type === 'boolean' ? true : `a ${name}`
}
