import type { MessageBody } from './anthropic-answer.ts'
import type { Block } from './anthropic-request.ts'
import type { SimulatedCall } from './simulate-call.ts'

/** One event of a stream and the instant, after the request, at which it is sent. */
export type AnthropicEvent = { readonly type: string; readonly data: object; readonly atMs: number }

type Untimed = Omit<AnthropicEvent, 'atMs'>

/** The whole stream of a message, as Anthropic sends it. */
export function messageEvents(message: MessageBody, call: SimulatedCall): AnthropicEvent[] {
  const events = [
    eventOf({ type: 'message_start', message: beginning(message) }),
    eventOf({ type: 'ping' }),
    ...message.content.flatMap(blockEvents),
    eventOf({ type: 'message_delta', delta: ending(message), usage: finalUsage(message) }),
    eventOf({ type: 'message_stop' }),
  ]
  const isBroken = call.behaviour === 'break' || call.behaviour === 'error-event'
  // The beginning always comes; what breaks off is the answer.
  const sent = isBroken ? events.slice(0, Math.ceil(events.length * call.breakAfterShare)) : events
  if (call.behaviour === 'error-event') sent.push(eventOf(STREAM_ERROR))
  const stepMs = (call.durationMs - call.ttftMs) / Math.max(1, events.length - 3)
  return sent.map((event, position) => ({
    ...event,
    atMs: position < 3 ? call.ttftMs / 2 : call.ttftMs + (position - 3) * stepMs,
  }))
}

const STREAM_ERROR = {
  type: 'error',
  error: { type: 'overloaded_error', message: 'Overloaded' },
  request_id: 'req_stream',
}

function eventOf(data: { readonly type: string; readonly [field: string]: unknown }): Untimed {
  return { type: data.type, data }
}

function beginning(message: MessageBody): object {
  return {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...message.usage, output_tokens: 1, output_tokens_details: null },
  }
}

function ending({ stop_reason, stop_sequence, stop_details }: MessageBody): object {
  return { stop_reason, stop_sequence, stop_details, container: null }
}

/** The counts at the end hold for the whole message. */
function finalUsage({ usage }: MessageBody): object {
  const { cache_creation: _, service_tier: __, inference_geo: ___, speed: ____, ...counts } = usage
  return counts
}

function blockEvents(block: Block, index: number): Untimed[] {
  const { begun, deltas } = BEGINNINGS[block.type]?.(block) ?? { begun: block, deltas: [] }
  return [
    eventOf({ type: 'content_block_start', index, content_block: begun }),
    ...deltas.map((delta) => eventOf({ type: 'content_block_delta', index, delta })),
    eventOf({ type: 'content_block_stop', index }),
  ]
}

type Begun = { readonly begun: object; readonly deltas: readonly object[] }

/** Blocks that arrive in pieces; every other comes whole. */
const BEGINNINGS: Readonly<Record<string, (block: Block) => Begun>> = {
  text: (block) => ({
    begun: { ...block, text: '' },
    deltas: pieces(block['text']).map((text) => ({ type: 'text_delta', text })),
  }),
  thinking: (block) => ({
    begun: { ...block, thinking: '', signature: '' },
    deltas: [
      ...pieces(block['thinking']).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: block['signature'] },
    ],
  }),
  tool_use: inputInPieces,
  server_tool_use: inputInPieces,
}

function inputInPieces(block: Block): Begun {
  const json = JSON.stringify(block['input'])
  const parts = ['', ...(json.match(/.{1,6}/gsu) ?? [])]
  return {
    begun: { ...block, input: {} },
    deltas: parts.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  }
}

/** Words with the space before them, about one token each. */
function pieces(text: unknown): string[] {
  return String(text).match(/\s*\S+|\s+$/gu) ?? []
}
