import { fnv1a, hex32 } from './random.ts'
import { requestHash, simulateCall } from './simulate-call.ts'
import type { Exchange } from './exchange.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatRequest } from './wire.ts'

/** A part of a stream as it goes over the wire, and the instant after the request at which it does. */
export type WirePart = { text: string; atMs: number }

/** What the provider has to say to a call, in the form of one of its endpoints. */
export type OpenAIAnswer = {
  isStream: boolean
  parts(): readonly WirePart[]
  body(): object
}

/** What the simulated model does with a request. */
export function openaiCall(exchange: Exchange, request: ChatRequest): SimulatedCall {
  const { seed, failureRates, ttftFactor } = exchange.settings
  const behaviour = exchange.behaviourFor(request.model)
  return simulateCall(request, {
    seed,
    failureRates,
    index: exchange.indexOf(fnv1a(behaviour ?? '', requestHash(request))),
    behaviour,
    ttftFactor: ttftFactor(request.model),
  })
}

export async function answerOpenAI(
  exchange: Exchange,
  call: SimulatedCall,
  answer: OpenAIAnswer,
): Promise<void> {
  if (call.behaviour === 'timeout') return await exchange.hang()
  if (call.behaviour === '429' || call.behaviour === '500') {
    await exchange.waitUntil(call.ttftMs / 4)
    return sendFailure(exchange, call)
  }
  if (answer.isStream) return await sendParts(exchange, call, answer.parts())
  const body = Buffer.from(JSON.stringify(answer.body()))
  return await sendBytes(exchange, call, { contentType: 'application/json', body })
}

async function sendParts(
  exchange: Exchange,
  call: SimulatedCall,
  parts: readonly WirePart[],
): Promise<void> {
  await exchange.waitUntil(call.ttftMs / 2)
  exchange.response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-request-id': requestId(call),
  })
  for (const { text, atMs } of parts) {
    await exchange.waitUntil(atMs)
    await exchange.write(text)
  }
  if (call.behaviour === 'break') return exchange.cut()
  exchange.response.end()
}

export async function sendBytes(
  exchange: Exchange,
  call: SimulatedCall,
  { contentType, body }: { contentType: string; body: Buffer },
): Promise<void> {
  await exchange.waitUntil(call.durationMs)
  exchange.response.writeHead(200, {
    'content-type': contentType,
    'content-length': body.length,
    'x-request-id': requestId(call),
  })
  if (call.behaviour === 'break') return exchange.cut(body.subarray(0, body.length / 2))
  exchange.response.end(body)
}

function sendFailure(exchange: Exchange, call: SimulatedCall): void {
  const { response, settings } = exchange
  response.setHeader('x-request-id', requestId(call))
  if (call.behaviour === '500') {
    return sendOpenAIError(exchange, 500, { message: 'The model server failed on this request.' })
  }
  response.setHeader('retry-after', '1')
  response.setHeader('retry-after-ms', String(Math.max(1, Math.round(1_000 * settings.speed))))
  exchange.sendJson(429, {
    error: {
      message: `Too many requests for ${call.model}: the limit per minute is used up.`,
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    },
  })
}

export function sendUnreadable(exchange: Exchange): void {
  const message = 'The request body is not JSON of at most 8 MiB.'
  sendOpenAIError(exchange, 400, { message })
}

export function sendOpenAIError(
  exchange: Exchange,
  status: number,
  { message, param = null }: { message: string; param?: string | null },
): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error'
  exchange.sendJson(status, { error: { message, type, param, code: null } })
}

function requestId(call: SimulatedCall): string {
  return `req_${hex32(fnv1a(call.id))}`
}
