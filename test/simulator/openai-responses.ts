import { answerOpenAI, openaiCall, sendOpenAIError, sendUnreadable } from './openai-answer.ts'
import { responseBody, responseParts } from './openai-response-events.ts'
import { parseChatRequest } from './parse-request.ts'
import type { Exchange } from './exchange.ts'
import type { ResponsesRequest } from './openai-response-events.ts'
import type { ChatMessage } from './wire.ts'

/** POST /v1/responses. */
export async function answerResponses(exchange: Exchange): Promise<void> {
  const body = await exchange.readJson()
  if (body === undefined) return sendUnreadable(exchange)
  const request = body as ResponsesRequest
  const parsed = parseChatRequest(toChat(request))
  if (parsed.status === 'invalid') {
    const { message, param } = parsed
    return sendOpenAIError(exchange, 400, {
      message,
      param: param === 'messages' ? 'input' : param,
    })
  }
  const call = openaiCall(exchange, parsed.request)
  await answerOpenAI(exchange, call, {
    isStream: request.stream === true,
    parts: () => responseParts(call, request),
    body: () => responseBody(call, request),
  })
}

/** GET /v1/responses/ID: a response that ran in the background, whole or as the stream it was. */
export async function answerRetrieval(exchange: Exchange): Promise<void> {
  const input = `What became of ${exchange.params['id']}?`
  const request: ResponsesRequest = { model: 'gpt-5-mini', input }
  const call = openaiCall(exchange, {
    model: request.model,
    messages: [{ role: 'user', content: input }],
  })
  await answerOpenAI(exchange, call, {
    isStream: exchange.query.get('stream') === 'true',
    parts: () => responseParts(call, request),
    body: () => responseBody(call, request),
  })
}

function toChat(request: ResponsesRequest): object {
  const { model, instructions, tools, max_output_tokens: maxTokens } = request
  const items = typeof request.input === 'string' ? [{ content: request.input }] : request.input
  const system = instructions ? [{ role: 'system', content: instructions }] : []
  return {
    model,
    messages: Array.isArray(items) && items.length > 0 ? [...system, ...items.map(toMessage)] : [],
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(request.text?.format === undefined ? {} : { response_format: request.text.format }),
    ...(tools === undefined
      ? {}
      : {
          tools: tools
            .filter((tool) => tool['type'] === 'function')
            .map(({ type, ...tool }) => ({ type, function: tool })),
        }),
  }
}

function toMessage(value: unknown): ChatMessage {
  const item = (value ?? {}) as Record<string, unknown>
  if (item['type'] === 'function_call_output') {
    return { role: 'tool', tool_call_id: String(item['call_id']), content: String(item['output']) }
  }
  if (item['role'] === undefined && item['content'] === undefined) {
    return { role: 'assistant', content: JSON.stringify(item) }
  }
  return {
    role: (item['role'] ?? 'user') as ChatMessage['role'],
    content: (item['content'] ?? '') as string,
  }
}
