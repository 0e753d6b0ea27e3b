import { embeddingBody } from './embeddings.ts'
import { fnv1a, hex32 } from './random.ts'
import { requestHash, simulateCall } from './simulate-call.ts'
import { textIn, toChatRequest } from './google-wire.ts'
import type { Exchange, Route } from './exchange.ts'
import type { GoogleContent, GooglePart, GoogleRequest } from './google-wire.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { Choice } from './wire.ts'

/** Gemini's REST interface, as the Gemini API and Vertex AI have it. */
export const GOOGLE_ROUTES: readonly Route[] = [
  route('generateContent', (exchange) => answerContent(exchange, sendPlain)),
  route('streamGenerateContent', (exchange) => answerContent(exchange, sendStream)),
  route('countTokens', countTokens),
  route('batchEmbedContents', answerBatchEmbed),
  route('embedContent', answerEmbed),
  route('predict', answerPredict),
]

function route(action: string, handle: Route['handle']): Route {
  const prefix = String.raw`^/v1(?:beta1?)?/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?`
  return { method: 'POST', path: new RegExp(`${prefix}models/(?<model>[^/:]+):${action}$`), handle }
}

type Answer = {
  readonly call: SimulatedCall
  readonly request: GoogleRequest
  /** The half of a text that is sent in two requests, as the header `x-sim-continue` asks for. */
  readonly half?: 'first' | 'second'
}

async function answerContent(
  exchange: Exchange,
  send: (exchange: Exchange, answer: Answer) => Promise<void>,
): Promise<void> {
  const request = (await exchange.readJson()) as GoogleRequest | undefined
  if (request === undefined || !Array.isArray(request.contents) || request.contents.length === 0) {
    return sendFailure(exchange, 400, 'contents must be a list of at least one content.')
  }
  const call = callFor(exchange, request)
  if (call.behaviour === 'timeout') return await exchange.hang()
  if (call.behaviour === '429' || call.behaviour === '500') {
    await exchange.waitUntil(call.ttftMs / 4)
    return sendFailure(exchange, Number(call.behaviour), 'The model cannot answer now.')
  }
  if (exchange.request.headers['x-sim-continue'] === undefined) {
    return await send(exchange, { call, request })
  }
  const half = request.continuationToken === undefined ? 'first' : 'second'
  return await send(exchange, { call, request, half })
}

function callFor(exchange: Exchange, request: GoogleRequest): SimulatedCall {
  const { seed, failureRates, ttftFactor } = exchange.settings
  const model = exchange.params['model'] ?? ''
  const chat = toChatRequest(model, request)
  const behaviour = exchange.behaviourFor(model)
  return simulateCall(chat, {
    seed,
    failureRates,
    index: exchange.indexOf(fnv1a(behaviour ?? '', requestHash(chat))),
    behaviour,
    ttftFactor: ttftFactor(model),
  })
}

async function sendPlain(exchange: Exchange, answer: Answer): Promise<void> {
  const { call } = answer
  await exchange.waitUntil(call.durationMs)
  const body = Buffer.from(
    JSON.stringify({
      ...(isBlocked(call)
        ? { promptFeedback: BLOCKED }
        : {
            candidates: call.choices.map((choice) => ({
              content: { role: 'model', parts: partsOf(choice, answer) },
              ...endOf(choice, answer),
            })),
          }),
      ...frameOf(answer),
    }),
  )
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  exchange.response.writeHead(200, headers)
  if (call.behaviour === 'break') return exchange.cut(body.subarray(0, body.length / 2))
  exchange.response.end(body)
}

async function sendStream(exchange: Exchange, answer: Answer): Promise<void> {
  const { call } = answer
  const chunks = chunksOf(answer)
  const isBroken = call.behaviour === 'break' || call.behaviour === 'error-event'
  const sent = isBroken ? Math.ceil(chunks.length * call.breakAfterShare) : chunks.length
  const stepMs = (call.durationMs - call.ttftMs) / Math.max(1, chunks.length - 1)
  await exchange.waitUntil(call.ttftMs / 2)
  exchange.response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const [position, chunk] of chunks.slice(0, sent).entries()) {
    await exchange.waitUntil(call.ttftMs + position * stepMs)
    await exchange.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`)
  }
  if (call.behaviour === 'break') return exchange.cut()
  if (call.behaviour === 'error-event') {
    const error = errorBody(503, 'The model stopped in the middle of the answer.')
    await exchange.write(`data: ${JSON.stringify(error)}\r\n\r\n`)
  }
  exchange.response.end()
}

/** Text comes a few words at a time, everything else whole; the last chunk of a candidate has its end. */
function chunksOf(answer: Answer): object[] {
  const { call } = answer
  if (isBlocked(call)) return [{ promptFeedback: BLOCKED, ...frameOf(answer) }]
  const candidates = call.choices.flatMap((choice) => {
    const { index } = choice
    const pieces = partsOf(choice, answer).flatMap(piecesOf)
    return [
      ...pieces.map((piece) => ({ content: { role: 'model', parts: [piece] }, index })),
      { content: { role: 'model', parts: [{ text: '' }] }, ...endOf(choice, answer) },
    ]
  })
  return candidates.map((candidate, position) => ({
    candidates: [candidate],
    ...frameOf(answer, (position + 1) / candidates.length),
  }))
}

function piecesOf(part: GooglePart): GooglePart[] {
  if (part.text === undefined) return [part]
  const texts = part.text.match(/(?:\s*\S+){1,4}|\s+$/gu) ?? []
  return texts.map((text) => ({ ...part, text }))
}

function partsOf(choice: Choice, { call, request, half }: Answer): GooglePart[] {
  const parts: GooglePart[] = []
  const thoughtSignature = Buffer.from(call.id).toString('base64')
  if (request.generationConfig?.thinkingConfig?.includeThoughts === true) {
    parts.push({ text: 'The question names what is asked for. An answer follows.', thought: true })
  }
  const text = choice.content ?? ''
  if (text !== '') parts.push({ text: half === undefined ? text : halfOf(text, half) })
  for (const { id, function: target } of choice.toolCalls) {
    const args = JSON.parse(target.arguments) as unknown
    // The Gemini API numbers its calls, Vertex AI does not.
    const isNumbered = call.behaviour === 'parallel-tools'
    parts.push({
      functionCall: { ...(isNumbered ? { id } : {}), name: target.name, args },
      thoughtSignature,
    })
  }
  return parts
}

function halfOf(text: string, half: 'first' | 'second'): string {
  const middle = text.indexOf(' ', text.length / 2)
  return half === 'first' ? text.slice(0, middle) : text.slice(middle)
}

function endOf({ finishReason, index }: Choice, { call, half }: Answer): object {
  if (half === 'first')
    return { finishReason: 'CONTINUATION', continuationToken: `next-${call.id}`, index }
  if (call.behaviour === 'content-filter') return { finishReason: 'SAFETY', index }
  return { finishReason: finishReason === 'length' ? 'MAX_TOKENS' : 'STOP', index }
}

const BLOCKED = { blockReason: 'PROHIBITED_CONTENT' }

function isBlocked({ behaviour }: SimulatedCall): boolean {
  return behaviour === 'refusal'
}

/** What stands in each chunk and in the plain answer; the counts grow with the share already sent. */
function frameOf({ call, request }: Answer, share = 1): object {
  const { promptTokens, completionTokens, reasoningTokens } = call.usage
  const cachedTokens = request.cachedContent === undefined ? 0 : Math.floor(promptTokens / 2)
  const thoughts = isBlocked(call) ? 0 : reasoningTokens
  const candidates = isBlocked(call) ? 0 : Math.ceil((completionTokens - reasoningTokens) * share)
  return {
    usageMetadata: {
      promptTokenCount: promptTokens,
      ...(candidates === 0 ? {} : { candidatesTokenCount: candidates }),
      ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
      ...(cachedTokens === 0 ? {} : { cachedContentTokenCount: cachedTokens }),
      totalTokenCount: promptTokens + candidates + thoughts,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
    },
    modelVersion: `${call.model}-001`,
    responseId: call.id.replace('chatcmpl-', ''),
  }
}

async function countTokens(exchange: Exchange): Promise<void> {
  const request = ((await exchange.readJson()) ?? {}) as GoogleRequest
  const { usage } = callFor(exchange, request)
  exchange.sendJson(200, { totalTokens: usage.promptTokens })
}

type EmbedRequest = { content?: GoogleContent; outputDimensionality?: number }

async function answerBatchEmbed(exchange: Exchange): Promise<void> {
  const body = (await exchange.readJson()) as { requests?: EmbedRequest[] } | undefined
  const requests = body?.requests ?? []
  const embeddings = embed(exchange, {
    texts: requests.map(({ content }) => textIn(content ?? {})),
    dimensions: requests[0]?.outputDimensionality,
  })
  if (requests.length === 0 || embeddings === undefined) {
    return sendFailure(exchange, 400, 'requests must be a list of at least one text.')
  }
  exchange.sendJson(200, {
    embeddings: embeddings.vectors.map((values) => ({ values })),
    usageMetadata: { promptTokenCount: embeddings.tokens, totalTokenCount: embeddings.tokens },
  })
}

async function answerEmbed(exchange: Exchange): Promise<void> {
  const body = ((await exchange.readJson()) ?? {}) as EmbedRequest
  const embeddings = embed(exchange, {
    texts: [textIn(body.content ?? {})],
    dimensions: body.outputDimensionality,
  })
  if (embeddings === undefined) return sendFailure(exchange, 400, 'content must be a text.')
  exchange.sendJson(200, {
    embedding: { values: embeddings.vectors[0] },
    usageMetadata: { promptTokenCount: embeddings.tokens, totalTokenCount: embeddings.tokens },
  })
}

type PredictRequest = {
  instances?: { content?: string; prompt?: string }[]
  parameters?: { sampleCount?: number; outputDimensionality?: number }
}

/** Vertex AI's way to older embedding models and to those that make pictures. */
async function answerPredict(exchange: Exchange): Promise<void> {
  const { instances = [], parameters } = ((await exchange.readJson()) ?? {}) as PredictRequest
  const prompt = instances[0]?.prompt
  if (prompt !== undefined) {
    const picture = pictureOf(`${exchange.settings.seed}${prompt}`)
    const predictions = Array.from({ length: parameters?.sampleCount ?? 1 }, () => picture)
    return exchange.sendJson(200, { predictions })
  }
  const texts = instances.map(({ content }) => content ?? '')
  const dimensions = parameters?.outputDimensionality
  const predictions = texts.map((text) => {
    const one = embed(exchange, { texts: [text], dimensions })
    const statistics = { token_count: one?.tokens, truncated: false }
    return { embeddings: { values: one?.vectors[0], statistics } }
  })
  exchange.sendJson(200, { predictions })
}

type EmbedInput = { texts: string[]; dimensions: number | undefined }

function embed(exchange: Exchange, { texts, dimensions }: EmbedInput) {
  const model = exchange.params['model'] ?? ''
  const body = embeddingBody({ model, input: texts, dimensions }, exchange.settings.seed)
  if (body === undefined) return undefined
  const data = body['data'] as { embedding: number[] }[]
  const usage = body['usage'] as { prompt_tokens: number }
  return { vectors: data.map(({ embedding }) => embedding), tokens: usage.prompt_tokens }
}

/** Bytes of the size of a small picture; nobody looks at them. */
function pictureOf(text: string): object {
  const bytes = Buffer.from(hex32(fnv1a(text)).repeat(512))
  return { bytesBase64Encoded: bytes.toString('base64'), mimeType: 'image/png' }
}

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
}

function sendFailure(exchange: Exchange, code: number, message: string): void {
  exchange.sendJson(code, errorBody(code, message))
}

function errorBody(code: number, message: string): object {
  return { error: { code, message, status: STATUS_NAMES[code] } }
}
