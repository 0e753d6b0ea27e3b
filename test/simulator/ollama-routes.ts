import { embeddingBody } from './embeddings.ts'
import { fnv1a } from './random.ts'
import { requestHash, simulateCall } from './simulate-call.ts'
import type { Exchange, Route } from './exchange.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatMessage, ChatRequest, ToolDefinition } from './wire.ts'

const MODELS = ['llama3.2', 'qwen3', 'nomic-embed-text']

/** Ollama's REST interface. */
export const OLLAMA_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/api\/tags$/, handle: sendModels },
  { method: 'POST', path: /^\/api\/chat$/, handle: (exchange) => answer(exchange, CHAT) },
  { method: 'POST', path: /^\/api\/generate$/, handle: (exchange) => answer(exchange, GENERATE) },
  { method: 'POST', path: /^\/api\/embed$/, handle: answerEmbed },
  { method: 'POST', path: /^\/api\/embeddings$/, handle: answerEmbedding },
]

type OllamaMessage = {
  role: ChatMessage['role']
  content?: string
  images?: string[]
  tool_calls?: { function: { name: string; arguments: unknown } }[]
}

type OllamaRequest = {
  model?: string
  messages?: OllamaMessage[]
  prompt?: string
  system?: string
  tools?: ToolDefinition[]
  stream?: boolean
  think?: unknown
  options?: { num_predict?: number }
}

type Delta = { content?: string; thinking?: string; toolCalls?: object[] }

/** What differs between the two ways to ask. */
type Style = {
  readonly toMessages: (request: OllamaRequest) => ChatMessage[]
  readonly toBody: (delta: Delta) => object
}

const CHAT: Style = {
  toMessages: ({ messages = [] }) => messages.map(toChatMessage),
  toBody: ({ content = '', thinking, toolCalls }) => ({
    message: {
      role: 'assistant',
      content,
      ...(thinking === undefined ? {} : { thinking }),
      ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }),
    },
  }),
}

const GENERATE: Style = {
  toMessages: ({ system, prompt = '' }) => [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    { role: 'user', content: prompt },
  ],
  toBody: ({ content = '', thinking }) => ({
    response: content,
    ...(thinking === undefined ? {} : { thinking }),
  }),
}

function toChatMessage({ role, content = '', tool_calls: calls = [] }: OllamaMessage): ChatMessage {
  return {
    role,
    content,
    tool_calls: calls.map(({ function: target }) => ({
      id: '',
      type: 'function',
      function: { name: target.name, arguments: JSON.stringify(target.arguments) },
    })),
  }
}

async function answer(exchange: Exchange, style: Style): Promise<void> {
  const request = (await exchange.readJson()) as OllamaRequest | undefined
  if (typeof request?.model !== 'string') return sendError(exchange, 400, 'model is required')
  const chat = toChatRequest(request, style)
  const behaviour = exchange.behaviourFor(chat.model)
  const index = exchange.indexOf(fnv1a(behaviour ?? '', requestHash(chat)))
  const { seed, failureRates, ttftFactor } = exchange.settings
  const call = simulateCall(chat, {
    seed,
    failureRates,
    index,
    behaviour,
    ttftFactor: ttftFactor(chat.model),
  })
  if (call.behaviour === 'timeout') return await exchange.hang()
  if (call.behaviour === '429' || call.behaviour === '500') {
    await exchange.waitUntil(call.ttftMs / 4)
    return sendError(exchange, Number(call.behaviour), 'the model runner cannot answer now')
  }
  const answering: Answering = { call, request, style, isCached: index > 0 }
  if (request.stream === false) return await sendPlain(exchange, answering)
  return await sendStream(exchange, answering)
}

function toChatRequest(request: OllamaRequest, style: Style): ChatRequest {
  return {
    model: request.model ?? '',
    messages: style.toMessages(request),
    max_tokens: request.options?.num_predict ?? null,
    ...(request.tools === undefined ? {} : { tools: request.tools }),
  }
}

type Answering = {
  readonly call: SimulatedCall
  readonly request: OllamaRequest
  readonly style: Style
  /** The runner still has the prompt, so it does not evaluate it again. */
  readonly isCached: boolean
}

async function sendPlain(exchange: Exchange, answering: Answering): Promise<void> {
  const { call, style } = answering
  await exchange.waitUntil(call.durationMs)
  const body = Buffer.from(
    JSON.stringify({ ...frameOf(call), ...style.toBody(wholeOf(answering)), ...endOf(answering) }),
  )
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  exchange.response.writeHead(200, headers)
  if (call.behaviour === 'break') return exchange.cut(body.subarray(0, body.length / 2))
  exchange.response.end(body)
}

async function sendStream(exchange: Exchange, answering: Answering): Promise<void> {
  const { call, style } = answering
  const deltas = deltasOf(wholeOf(answering))
  const isBroken = call.behaviour === 'break' || call.behaviour === 'error-event'
  const sent = isBroken ? Math.ceil(deltas.length * call.breakAfterShare) : deltas.length
  const stepMs = (call.durationMs - call.ttftMs) / Math.max(1, deltas.length - 1)
  await exchange.waitUntil(call.ttftMs / 2)
  exchange.response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  for (const [position, delta] of deltas.slice(0, sent).entries()) {
    await exchange.waitUntil(call.ttftMs + position * stepMs)
    await writeLine(exchange, { ...frameOf(call), ...style.toBody(delta), done: false })
  }
  if (call.behaviour === 'break') return exchange.cut()
  if (call.behaviour === 'error-event') {
    await writeLine(exchange, { error: 'the model runner stopped in the middle of the answer' })
  } else await writeLine(exchange, { ...frameOf(call), ...style.toBody({}), ...endOf(answering) })
  exchange.response.end()
}

async function writeLine(exchange: Exchange, line: object): Promise<void> {
  await exchange.write(`${JSON.stringify(line)}\n`)
}

function wholeOf({ call, request }: Answering): Delta {
  const choice = call.choices[0]
  const calls = choice?.toolCalls ?? []
  return {
    content: choice?.content ?? choice?.refusal ?? '',
    ...(request.think === undefined || request.think === false
      ? {}
      : { thinking: 'The question names what is asked for. An answer follows.' }),
    ...(calls.length === 0
      ? {}
      : {
          toolCalls: calls.map(({ function: { name, arguments: text } }) => ({
            function: { name, arguments: JSON.parse(text) as unknown },
          })),
        }),
  }
}

/** Texts come word by word, tool calls whole. */
function deltasOf({ content = '', thinking = '', toolCalls }: Delta): Delta[] {
  return [
    ...words(thinking).map((word) => ({ thinking: word })),
    ...words(content).map((word) => ({ content: word })),
    ...(toolCalls ?? []).map((call) => ({ toolCalls: [call] })),
  ]
}

function words(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? []
}

function frameOf(call: SimulatedCall): object {
  return { model: call.model, created_at: new Date(call.created * 1_000).toISOString() }
}

function endOf({ call, isCached }: Answering): object {
  const { usage, ttftMs, durationMs } = call
  const loadMs = ttftMs / 10
  return {
    done: true,
    done_reason: call.choices[0]?.finishReason === 'length' ? 'length' : 'stop',
    total_duration: nanoseconds(durationMs),
    load_duration: nanoseconds(loadMs),
    ...(isCached ? {} : { prompt_eval_count: usage.promptTokens }),
    prompt_eval_duration: nanoseconds(ttftMs - loadMs),
    eval_count: usage.completionTokens,
    eval_duration: nanoseconds(durationMs - ttftMs),
  }
}

function nanoseconds(ms: number): number {
  return Math.round(ms * 1_000_000)
}

async function answerEmbed(exchange: Exchange): Promise<void> {
  const body = ((await exchange.readJson()) ?? {}) as Record<string, unknown>
  const embedded = embeddingBody(body, exchange.settings.seed)
  if (embedded === undefined) return sendError(exchange, 400, 'invalid input type')
  exchange.sendJson(200, {
    model: body['model'],
    embeddings: vectorsOf(embedded),
    total_duration: 14_143_917,
    load_duration: 1_019_500,
    prompt_eval_count: (embedded['usage'] as { prompt_tokens: number }).prompt_tokens,
  })
}

/** The older way, one text at a time and without counts. */
async function answerEmbedding(exchange: Exchange): Promise<void> {
  const { model, prompt } = ((await exchange.readJson()) ?? {}) as Record<string, unknown>
  const embedded = embeddingBody({ model, input: prompt }, exchange.settings.seed)
  if (embedded === undefined) return sendError(exchange, 400, 'invalid input type')
  exchange.sendJson(200, { embedding: vectorsOf(embedded)[0] })
}

function vectorsOf(body: Record<string, unknown>): number[][] {
  return (body['data'] as { embedding: number[] }[]).map(({ embedding }) => embedding)
}

function sendModels(exchange: Exchange): void {
  const models = MODELS.map((name) => ({ name, model: name, size: 2_019_393_189 }))
  exchange.sendJson(200, { models })
}

function sendError(exchange: Exchange, status: number, message: string): void {
  exchange.sendJson(status, { error: message })
}
