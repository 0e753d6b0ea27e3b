import { stepInto } from '../attribute-text.ts'
import { toMessages } from '../messages/message-json.ts'
import {
  answerMessage,
  requestMessages,
  requestSystem,
  requestTools,
  responseMessages,
} from '../messages/provider-json.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isModelSpan } from './span-type.ts'

const REQUEST = 'request_data'
const RESPONSE = 'response_data'
const RAW = 'gen_ai.usage.raw'

/**
 * Pydantic's Logfire around the providers' clients, and Pydantic AI before its version 2: OTel's
 * names, the request and the answer as JSON, or all messages as one list of events.
 */
export const logfire: Dialect = {
  name: 'logfire',
  markers: [REQUEST, 'all_messages_events', 'logfire.msg_template'],
  scope: /^logfire(\.|$)/,
  reads: ['all_messages_events', 'gen_ai.usage.input_tokens'],
  fields: {
    requestModel: [{ key: REQUEST, path: 'model', when: isModelSpan }],
    streaming: [
      { key: REQUEST, path: 'stream', when: isModelSpan },
      { key: 'logfire.msg_template', when: isModelSpan, read: isStreamLog },
    ],
    inputTokens: [
      { key: RESPONSE, path: 'usage.prompt_tokens' },
      { key: RESPONSE, path: 'usage.input_tokens' },
    ],
    outputTokens: [
      { key: RESPONSE, path: 'usage.completion_tokens' },
      { key: RESPONSE, path: 'usage.output_tokens' },
    ],
    cacheReadTokens: [
      { key: RESPONSE, path: 'usage.prompt_tokens_details.cached_tokens' },
      { key: RESPONSE, path: 'usage.cache_read_input_tokens' },
    ],
    cacheWriteTokens: [{ key: RESPONSE, path: 'usage.cache_creation_input_tokens' }],
    cacheWrite1hTokens: [{ key: RAW, path: 'cache_creation.ephemeral_1h_input_tokens' }],
    reasoningTokens: [
      { key: RESPONSE, path: 'usage.completion_tokens_details.reasoning_tokens' },
      { key: RAW, path: 'completion_tokens_details.reasoning_tokens' },
      { key: RAW, path: 'output_tokens_details.reasoning_tokens' },
    ],
    tags: ['logfire.tags'],
    temperature: [{ key: REQUEST, path: 'temperature' }],
    maxTokens: [{ key: REQUEST, path: 'max_tokens' }],
    systemInstructions: [
      { key: REQUEST, when: isModelSpan, read: (view) => requestSystem(view.json(REQUEST, '')) },
    ],
    toolDefinitions: [
      { key: REQUEST, when: isModelSpan, read: (view) => requestTools(view.json(REQUEST, '')) },
    ],
    inputMessages: [
      { key: REQUEST, when: isModelSpan, read: (view) => requestMessages(view.json(REQUEST, '')) },
    ],
    outputMessages: [{ key: RESPONSE, when: isModelSpan, read: answer }],
  },
  fallbackType: (view) => {
    if (view.value('all_messages_events') !== undefined) return 'agent'
    return view.value(REQUEST) !== undefined && view.has('requestModel') ? 'llm' : null
  },
  // Anthropic's own counts in the answer, where there are no others.
  counting: (view) =>
    view.span.group.scope.name.startsWith('logfire.anthropic') &&
    view.value('gen_ai.usage.input_tokens') === undefined
      ? { cache: 'exclusive' }
      : {},
}

/** What a streamed answer came to is logged by itself. */
function isStreamLog(view: DialectView): true | undefined {
  const template = view.value('logfire.msg_template')
  return typeof template === 'string' && template.startsWith('streaming response')
    ? true
    : undefined
}

function answer(view: DialectView): unknown {
  const response = view.json(RESPONSE, '')
  const streamed = stepInto(response, 'combined_chunk_content')
  if (streamed !== undefined) return answerMessage({ text: streamed })
  const message = stepInto(response, 'message')
  return message === undefined
    ? responseMessages(response)
    : toMessages({ role: 'assistant', ...message })
}
