// The text completions that the client had before messages, and still has below version 1.
import { appendText } from '../core/append-text.ts'
import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asInteger, asNumber, asRecord, asString, asStrings, asText } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import type { StreamObserver } from '../tap/call-recorder.ts'
import * as anthropic from './anthropic-names.ts'
import type { Endpoint } from './openai-endpoint.ts'

export function toCompletionRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const model = asString(body['model'])
  const prompt = asString(body['prompt'])
  return {
    operation: 'text_completion',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    isStream: body['stream'] === true,
    parameters: {
      [names.ATTR_REQUEST_MAX_TOKENS]: asInteger(body['max_tokens_to_sample']),
      [names.ATTR_REQUEST_TEMPERATURE]: asNumber(body['temperature']),
      [names.ATTR_REQUEST_TOP_P]: asNumber(body['top_p']),
      [anthropic.ATTR_REQUEST_TOP_K]: asNumber(body['top_k']),
      [names.ATTR_REQUEST_STOP_SEQUENCES]: asStrings(body['stop_sequences']),
    },
    ...(prompt === undefined
      ? {}
      : { messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }] }),
  }
}

export function toCompletionResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const text = asString(body['completion'])
  const reason = asString(body['stop_reason'])
  const ending = reason === undefined ? {} : { finish_reason: reason }
  return {
    id: asString(body['id']),
    model: asString(body['model']),
    finishReasons: reason === undefined ? [] : [reason],
    messages:
      text === undefined
        ? []
        : [{ role: 'assistant', parts: [{ type: 'text', content: text }], ...ending }],
    // This interface reports none.
    usage: undefined,
    parameters: {},
  }
}

/** Each event brings the next piece of the text. */
export class CompletionStreamObserver implements StreamObserver {
  readonly #maxChars: number
  #text = ''
  #id: string | undefined
  #model: string | undefined
  #stopReason: string | undefined

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  add(value: unknown): boolean {
    const event = asRecord(value)
    if (event?.['type'] !== 'completion') return false
    this.#id ??= asString(event['id'])
    this.#model ??= asString(event['model'])
    this.#stopReason = asString(event['stop_reason']) ?? this.#stopReason
    const more = asText(event['completion'])
    if (more === undefined) return false
    this.#text = appendText(this.#text, more, this.#maxChars)
    return true
  }

  response(): ModelCallResponse {
    return toCompletionResponse({
      id: this.#id,
      model: this.#model,
      stop_reason: this.#stopReason,
      completion: this.#text,
    })
  }
}
