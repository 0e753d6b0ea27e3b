import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asInteger, asNumber, asRecord, asString, asStrings } from '../core/read.ts'
import * as names from '../core/semconv.ts'
import { toChatResponse } from './openai-chat.ts'
import type { Endpoint } from './openai-endpoint.ts'

/** The text completions of before chat, which vLLM and llama.cpp still serve. */
export function toCompletionsRequest(value: unknown, endpoint: Endpoint): ModelCallRequest {
  const body = asRecord(value) ?? {}
  const model = asString(body['model'])
  const choiceCount = asInteger(body['n'])
  // Prompts given as token numbers have no text to show.
  const prompts = asStrings(body['prompt']) ?? []
  return {
    operation: 'text_completion',
    ...endpoint,
    ...(model === undefined ? {} : { model }),
    isStream: body['stream'] === true,
    parameters: {
      [names.ATTR_REQUEST_CHOICE_COUNT]: choiceCount === 1 ? undefined : choiceCount,
      [names.ATTR_REQUEST_MAX_TOKENS]: asInteger(body['max_tokens']),
      [names.ATTR_REQUEST_TEMPERATURE]: asNumber(body['temperature']),
      [names.ATTR_REQUEST_TOP_P]: asNumber(body['top_p']),
      [names.ATTR_REQUEST_FREQUENCY_PENALTY]: asNumber(body['frequency_penalty']),
      [names.ATTR_REQUEST_PRESENCE_PENALTY]: asNumber(body['presence_penalty']),
      [names.ATTR_REQUEST_SEED]: asInteger(body['seed']),
      [names.ATTR_REQUEST_STOP_SEQUENCES]: asStrings(body['stop']),
    },
    ...(prompts.length === 0
      ? {}
      : {
          messages: prompts.map((content) => ({
            role: 'user',
            parts: [{ type: 'text', content }],
          })),
        }),
  }
}

/** A completion's choices say in `text` what a chat's say in a message. */
export function toCompletionsResponse(value: unknown): ModelCallResponse {
  const body = asRecord(value) ?? {}
  const choices = asArray(body['choices']).map((item) => {
    const choice = asRecord(item) ?? {}
    return 'text' in choice ? { ...choice, message: { content: choice['text'] } } : choice
  })
  return toChatResponse({ ...body, choices })
}
