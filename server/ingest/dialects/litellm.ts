import type { Message } from '../../contract/index.ts'
import { toJson, toText } from '../attribute-text.ts'
import { toMessages } from '../messages/message-json.ts'
import { parsedJson } from '../messages/part-json.ts'
import type { Dialect, DialectView } from './dialect.ts'

const CALL = 'gen_ai.completion.0.function_call'

/** LiteLLM, SDK and proxy: OTel's names as far as they go, the rest in flat `metadata.*` texts. */
export const litellm: Dialect = {
  name: 'litellm',
  markers: ['litellm.call_id', 'hidden_params', 'metadata.user_api_key_hash'],
  scope: /^litellm$/,
  reads: [`${CALL}.name`, `${CALL}.arguments`],
  fields: {
    cacheWrite1hTokens: [
      {
        key: 'metadata.usage_object',
        path: 'prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens',
      },
    ],
    outputMessages: [
      { key: 'gen_ai.output.messages', when: lacksItsCall, read: withCall, note: `and ${CALL}.*` },
    ],
    errorType: ['error.type', 'error.class'],
    errorMessage: ['error.message'],
    errorStatusCode: ['error.code'],
    sessionId: ['gen_ai.conversation.id', 'metadata.session_id', 'metadata.litellm_session_id'],
    userId: [
      'metadata.user_api_key_end_user_id',
      'llm.user',
      'gen_ai.request.user',
      'metadata.user_api_key_user_id',
    ],
    tags: ['metadata.tags', 'metadata.request_tags'],
  },
}

function answer(view: DialectView): Message[] | undefined {
  return toMessages(view.json('gen_ai.output.messages', ''))
}

/** A call of a tool stands in an older attribute alone, unless it was made by the Responses API. */
function lacksItsCall(view: DialectView): boolean {
  if (toText(view.value(`${CALL}.name`)) === undefined) return false
  const parts = answer(view)?.flatMap((message) => message.parts) ?? []
  return !parts.some(({ type }) => type === 'tool_call')
}

function withCall(view: DialectView): Message[] {
  const [message = { role: 'assistant', parts: [] }, ...others] = answer(view) ?? []
  const call = {
    type: 'tool_call' as const,
    id: null,
    name: toText(view.value(`${CALL}.name`)) ?? '',
    arguments: parsedJson(toJson(view.value(`${CALL}.arguments`) ?? null)),
  }
  return [{ ...message, parts: [...message.parts, call] }, ...others]
}
