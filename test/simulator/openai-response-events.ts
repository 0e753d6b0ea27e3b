import type { WirePart } from './openai-answer.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { TokenUsage } from './wire.ts'

/** The part of a request that the simulator reads. */
export type ResponsesRequest = {
  model: string
  input: unknown
  instructions?: string | null
  stream?: boolean
  tools?: Record<string, unknown>[]
  reasoning?: { summary?: string } | null
  previous_response_id?: string | null
  background?: boolean | null
  max_output_tokens?: number | null
  text?: { format?: { type?: string } } | null
}

type Item = Record<string, unknown> & { id: string; type: string }
type Event = Record<string, unknown> & { type: string }

const SUMMARY = 'The customer asks about an order, so the rules for orders apply.'

/** The whole response, as the plain answer and the event that ends a stream have it. */
export function responseBody(call: SimulatedCall, request: ResponsesRequest): object {
  const { status, details, error } = endOf(call)
  return {
    ...headOf(call, request, status),
    incomplete_details: details,
    error,
    output: status === 'failed' ? [] : itemsOf(call, request),
    usage: status === 'failed' ? null : usageOf(call.usage),
  }
}

/** The events of a stream, numbered, as server-sent events. */
export function responseParts(call: SimulatedCall, request: ResponsesRequest): WirePart[] {
  const started = { ...headOf(call, request, 'in_progress'), output: [], usage: null }
  const deltas = itemsOf(call, request).flatMap(itemEvents)
  const isBroken = ['break', 'error-event', 'response-failed'].includes(call.behaviour)
  const sent = isBroken ? deltas.slice(0, Math.ceil(deltas.length * call.breakAfterShare)) : deltas
  const stepMs = (call.durationMs - call.ttftMs) / Math.max(1, deltas.length)
  const events: [Event, number][] = [
    [{ type: 'response.created', response: started }, call.ttftMs / 2],
    [{ type: 'response.in_progress', response: started }, call.ttftMs / 2],
    ...sent.map((event, index): [Event, number] => [event, call.ttftMs + index * stepMs]),
  ]
  if (call.behaviour === 'error-event') events.push([STREAM_ERROR, call.durationMs])
  else if (call.behaviour !== 'break') {
    const { status } = endOf(call)
    events.push([
      { type: `response.${status}`, response: responseBody(call, request) },
      call.durationMs,
    ])
  }
  return events.map(([event, atMs], index) => ({
    text: `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`,
    atMs,
  }))
}

const STREAM_ERROR: Event = {
  type: 'error',
  code: 'server_error',
  message: 'The model stopped in the middle of the answer.',
  param: null,
}

function headOf(call: SimulatedCall, request: ResponsesRequest, status: string): object {
  return {
    id: call.id.replace('chatcmpl-', 'resp_'),
    object: 'response',
    created_at: call.created,
    status,
    background: request.background ?? false,
    instructions: request.instructions ?? null,
    model: call.model,
    parallel_tool_calls: true,
    previous_response_id: request.previous_response_id ?? null,
    service_tier: 'default',
    tool_choice: 'auto',
    tools: request.tools ?? [],
    text: request.text ?? { format: { type: 'text' } },
    metadata: {},
  }
}

type End = { status: string; details: object | null; error: object | null }

function endOf(call: SimulatedCall): End {
  if (call.behaviour === 'response-failed') {
    const error = { code: 'server_error', message: 'The model failed on this response.' }
    return { status: 'failed', details: null, error }
  }
  const reason = call.choices[0]?.finishReason
  const details =
    reason === 'length'
      ? { reason: 'max_output_tokens' }
      : reason === 'content_filter'
        ? { reason: 'content_filter' }
        : null
  return { status: details === null ? 'completed' : 'incomplete', details, error: null }
}

function itemsOf(call: SimulatedCall, request: ResponsesRequest): Item[] {
  const suffix = call.id.slice(-12)
  const calls = call.choices[0]?.toolCalls ?? []
  return [
    ...(request.reasoning?.summary === undefined ? [] : [reasoningItem(suffix)]),
    ...messageItems(call, suffix),
    ...calls.map(({ id, function: target }, index) => ({
      id: `fc_${suffix}${index}`,
      type: 'function_call',
      status: 'completed',
      call_id: id,
      ...target,
    })),
  ]
}

function reasoningItem(suffix: string): Item {
  const summary = [{ type: 'summary_text', text: SUMMARY }]
  return { id: `rs_${suffix}`, type: 'reasoning', summary, encrypted_content: null }
}

/** None where the model calls tools without a word. */
function messageItems(call: SimulatedCall, suffix: string): Item[] {
  const [choice] = call.choices
  const text = choice?.content ?? ''
  const refusal = choice?.refusal ?? null
  if (text === '' && refusal === null && (choice?.toolCalls.length ?? 0) > 0) return []
  const content =
    refusal === null
      ? { type: 'output_text', text, annotations: [], logprobs: [] }
      : { type: 'refusal', refusal }
  const { status } = endOf(call)
  const message = { id: `msg_${suffix}`, type: 'message', status, role: 'assistant' }
  return [{ ...message, content: [content] }]
}

function usageOf(usage: TokenUsage): object {
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens },
    output_tokens: usage.completionTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.promptTokens + usage.completionTokens,
  }
}

function itemEvents(item: Item, outputIndex: number): Event[] {
  const place = { item_id: item.id, output_index: outputIndex }
  const added = { ...item, status: 'in_progress', ...emptied(item) }
  return [
    { type: 'response.output_item.added', output_index: outputIndex, item: added },
    ...contentEvents(item, place),
    { type: 'response.output_item.done', output_index: outputIndex, item },
  ]
}

function emptied(item: Item): object {
  if (item.type === 'function_call') return { arguments: '' }
  return item.type === 'reasoning' ? { summary: [] } : { content: [] }
}

type Place = { item_id: string; output_index: number }
type Part = { type: string; text?: string; refusal?: string }

function contentEvents(item: Item, place: Place): Event[] {
  if (item.type === 'function_call') {
    const args = String(item['arguments'])
    return [
      ...(args.match(/.{1,6}/gsu) ?? []).map((delta) => ({
        type: 'response.function_call_arguments.delta',
        ...place,
        delta,
      })),
      {
        type: 'response.function_call_arguments.done',
        ...place,
        name: item['name'],
        arguments: args,
      },
    ]
  }
  if (item.type === 'reasoning') {
    const at = { ...place, summary_index: 0 }
    const part = { type: 'summary_text', text: SUMMARY }
    const prefix = 'response.reasoning_summary'
    return [
      { type: `${prefix}_part.added`, ...at, part: { ...part, text: '' } },
      ...pieces(SUMMARY).map((delta) => ({ type: `${prefix}_text.delta`, ...at, delta })),
      { type: `${prefix}_text.done`, ...at, text: SUMMARY },
      { type: `${prefix}_part.done`, ...at, part },
    ]
  }
  const [part] = item['content'] as Part[]
  return part === undefined ? [] : partEvents(part, { ...place, content_index: 0 })
}

function partEvents(part: Part, at: object): Event[] {
  const isRefusal = part.type === 'refusal'
  const field = isRefusal ? 'refusal' : 'text'
  const kind = isRefusal ? 'response.refusal' : 'response.output_text'
  const text = part[field] ?? ''
  return [
    { type: 'response.content_part.added', ...at, part: { ...part, [field]: '' } },
    ...pieces(text).map((delta) => ({
      type: `${kind}.delta`,
      ...at,
      delta,
      ...(isRefusal ? {} : { logprobs: [] }),
    })),
    { type: `${kind}.done`, ...at, [field]: text, ...(isRefusal ? {} : { logprobs: [] }) },
    { type: 'response.content_part.done', ...at, part },
  ]
}

/** Words with the space before them, about one token each. */
function pieces(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? []
}
