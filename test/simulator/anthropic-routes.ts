import { messageBody } from './anthropic-answer.ts'
import { messageEvents } from './anthropic-events.ts'
import { findFault, toChatRequest } from './anthropic-request.ts'
import { fnv1a, hex32 } from './random.ts'
import { countPromptTokens, requestHash, simulateCall } from './simulate-call.ts'
import type { AnthropicEvent } from './anthropic-events.ts'
import type { MessagesRequest } from './anthropic-request.ts'
import type { Exchange, Route } from './exchange.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatRequest } from './wire.ts'

/** Anthropic's REST interface. */
export const ANTHROPIC_ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/v1\/messages$/, handle: answerMessages },
  { method: 'POST', path: /^\/v1\/messages\/count_tokens$/, handle: countTokens },
  { method: 'POST', path: /^\/v1\/complete$/, handle: answerCompletion },
]

async function answerMessages(exchange: Exchange): Promise<void> {
  const body = await exchange.readJson()
  const fault = findFault(body)
  if (fault !== undefined) return sendError(exchange, { status: 400, message: fault })
  // Sound after the check above: every member that is read has been looked at.
  const request = body as MessagesRequest
  const chat = toChatRequest(request)
  const { call, index } = callFor(chat, exchange)
  if (call.behaviour === 'timeout') return await exchange.hang()
  const failure = FAILURES[call.behaviour]
  if (failure !== undefined) {
    await exchange.waitUntil(call.ttftMs / 4)
    return sendError(exchange, { ...failure, call })
  }
  const message = messageBody(request, { call, chat, index })
  if (request.stream !== true) return await sendPlain(exchange, call, message)
  return await sendEvents(exchange, call, messageEvents(message, call))
}

function callFor(chat: ChatRequest, exchange: Exchange): { call: SimulatedCall; index: number } {
  const { seed, failureRates, ttftFactor } = exchange.settings
  const behaviour = exchange.behaviourFor(chat.model)
  const index = exchange.indexOf(fnv1a(behaviour ?? '', requestHash(chat)))
  const factor = ttftFactor(chat.model)
  const call = simulateCall(chat, { seed, failureRates, index, behaviour, ttftFactor: factor })
  return { call, index }
}

async function sendEvents(
  exchange: Exchange,
  call: SimulatedCall,
  events: readonly AnthropicEvent[],
): Promise<void> {
  await exchange.waitUntil(call.ttftMs / 2)
  exchange.response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId(call),
  })
  for (const { type, data, atMs } of events) {
    await exchange.waitUntil(atMs)
    await exchange.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  if (call.behaviour === 'break') return exchange.cut()
  exchange.response.end()
}

async function sendPlain(exchange: Exchange, call: SimulatedCall, answer: object): Promise<void> {
  await exchange.waitUntil(call.durationMs)
  const body = Buffer.from(JSON.stringify(answer))
  exchange.response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'request-id': requestId(call),
  })
  if (call.behaviour === 'break') return exchange.cut(body.subarray(0, body.length / 2))
  exchange.response.end(body)
}

async function countTokens(exchange: Exchange): Promise<void> {
  const body = await exchange.readJson()
  const fault = findFault({ max_tokens: 1, ...(body as object | undefined) })
  if (fault !== undefined) return sendError(exchange, { status: 400, message: fault })
  const chat = toChatRequest(body as MessagesRequest)
  exchange.sendJson(200, { input_tokens: countPromptTokens(chat) })
}

/** The text completions before messages. */
async function answerCompletion(exchange: Exchange): Promise<void> {
  const body = ((await exchange.readJson()) ?? {}) as Record<string, unknown>
  const { prompt, model } = body
  if (typeof prompt !== 'string' || typeof model !== 'string') {
    return sendError(exchange, { status: 400, message: 'prompt: Field required' })
  }
  const { call } = callFor({ model, messages: [{ role: 'user', content: prompt }] }, exchange)
  const text = call.choices[0]?.content ?? ''
  const base = { type: 'completion', id: `compl_${call.id.slice(-24)}`, model }
  const ending = { stop_reason: 'stop_sequence', stop: '\n\nHuman:' }
  if (body['stream'] !== true) {
    return await sendPlain(exchange, call, { ...base, completion: ` ${text}`, ...ending })
  }
  const words = text.match(/\s*\S+/gu) ?? []
  const events = [
    ...words.map((completion) => ({ ...base, completion, stop_reason: null, stop: null })),
    { ...base, completion: '', ...ending },
  ]
  const timed = events.map((data) => ({ type: 'completion', data, atMs: call.ttftMs }))
  return await sendEvents(exchange, call, timed)
}

type Failure = { readonly status: number; readonly message: string; readonly call?: SimulatedCall }

const FAILURES: { readonly [behaviour: string]: Failure | undefined } = {
  '429': { status: 429, message: 'This request would exceed the rate limit of the organization.' },
  '500': { status: 500, message: 'Internal server error' },
  '529': { status: 529, message: 'Overloaded' },
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
}

function sendError(exchange: Exchange, { status, message, call }: Failure): void {
  const { response, settings } = exchange
  const id = call === undefined ? `req_${hex32(fnv1a(message))}` : requestId(call)
  response.setHeader('request-id', id)
  if (status === 429 || status === 529) {
    response.setHeader('retry-after-ms', String(Math.max(1, Math.round(1_000 * settings.speed))))
  }
  const error = { type: ERROR_TYPES[status] ?? 'api_error', message }
  exchange.sendJson(status, { type: 'error', error, request_id: id })
}

function requestId(call: SimulatedCall): string {
  return `req_${hex32(fnv1a(call.id))}`
}
