import { embeddingBody } from './embeddings.ts'
import { answerOpenAI, openaiCall, sendOpenAIError, sendUnreadable } from './openai-answer.ts'
import { completionsBody, completionsParts } from './openai-completions.ts'
import { flavourBody, flavourOf, flavourParts } from './openai-flavours.ts'
import { OPENAI_MEDIA_ROUTES } from './openai-media-routes.ts'
import { answerResponses, answerRetrieval } from './openai-responses.ts'
import { parseChatRequest } from './parse-request.ts'
import { completionBody, streamEvents } from './sse.ts'
import type { Exchange, Route } from './exchange.ts'

const MODELS = ['gpt-5-mini', 'gpt-4.1-mini', 'gpt-4o-mini', 'text-embedding-3-small']

/**
 * OpenAI's REST interface; under `/groq/v1`, `/deepseek/v1`, `/openrouter/v1` and `/vllm/v1` as those speak
 * it, and under `/openai/deployments/NAME` as Azure does.
 */
export const OPENAI_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/v1\/models$/, handle: sendModels },
  {
    method: 'POST',
    path: /^(?:\/(?<flavour>groq|deepseek|openrouter|vllm))?\/v1\/chat\/completions$/,
    handle: answerChat,
  },
  {
    method: 'POST',
    path: /^\/openai\/deployments\/(?<deployment>[^/]+)\/chat\/completions$/,
    handle: answerChat,
  },
  { method: 'POST', path: /^\/v1\/completions$/, handle: answerCompletions },
  {
    method: 'POST',
    path: /^(?:\/v1|\/openai\/deployments\/[^/]+)\/embeddings$/,
    handle: answerEmbeddings,
  },
  { method: 'POST', path: /^(?:\/v1|\/openai)\/responses$/, handle: answerResponses },
  { method: 'GET', path: /^\/v1\/responses\/(?<id>[^/]+)$/, handle: answerRetrieval },
  ...OPENAI_MEDIA_ROUTES,
]

async function answerChat(exchange: Exchange): Promise<void> {
  const body = await exchange.readJson()
  if (body === undefined) return sendUnreadable(exchange)
  const parsed = parseChatRequest(body)
  if (parsed.status === 'invalid') {
    const { message, param } = parsed
    return sendOpenAIError(exchange, 400, { message, param })
  }
  const { request } = parsed
  const call = openaiCall(exchange, request)
  const flavour = flavourOf(exchange)
  await answerOpenAI(exchange, call, {
    isStream: request.stream === true,
    parts: () => flavourParts(flavour, streamEvents(call, request), call),
    body: () => flavourBody(flavour, completionBody(call), call),
  })
}

async function answerCompletions(exchange: Exchange): Promise<void> {
  const body = await exchange.readJson()
  if (body === undefined) return sendUnreadable(exchange)
  const { prompt, ...rest } = body as Record<string, unknown>
  const content = String(Array.isArray(prompt) ? prompt.join('\n') : prompt)
  const parsed = parseChatRequest({ ...rest, messages: [{ role: 'user', content }] })
  if (parsed.status === 'invalid') {
    return sendOpenAIError(exchange, 400, { message: parsed.message, param: parsed.param })
  }
  const { request } = parsed
  const call = openaiCall(exchange, request)
  await answerOpenAI(exchange, call, {
    isStream: request.stream === true,
    parts: () => completionsParts(call, request),
    body: () => completionsBody(call),
  })
}

async function answerEmbeddings(exchange: Exchange): Promise<void> {
  const body = await exchange.readJson()
  if (body === undefined) return sendUnreadable(exchange)
  const answer = embeddingBody((body ?? {}) as Record<string, unknown>, exchange.settings.seed)
  if (answer === undefined) {
    const message = 'An embedding needs a model and a text or texts.'
    return sendOpenAIError(exchange, 400, { message, param: 'input' })
  }
  exchange.sendJson(200, answer)
}

function sendModels(exchange: Exchange): void {
  const data = MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'simulator' }))
  exchange.sendJson(200, { object: 'list', data })
}
