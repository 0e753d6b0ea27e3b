import {
  askedMessages,
  requestTools,
  responseFinishReasons,
  responseMessages,
} from '../messages/provider-json.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isLlm, isModelSpan, isTool } from './span-type.ts'
import { toolMessage } from './tool-message.ts'

const PROMPT = 'gen_ai.prompt'
const COMPLETION = 'gen_ai.completion'
/** What a run's usage may stand in, the most telling first. */
const USAGES = ['langsmith.usage_metadata', 'langsmith.metadata.usage_metadata']
const INPUT_DETAILS = 'gen_ai.usage.input_token_details'
const OUTPUT_DETAILS = 'gen_ai.usage.output_token_details'

/** LangSmith's SDKs: OTel's names, a run's inputs and outputs as they were in JSON text. */
export const langsmith: Dialect = {
  name: 'langsmith',
  markers: ['langsmith.span.kind', 'langsmith.trace.name', 'langsmith.usage_metadata'],
  scope: /^langsmith/,
  kinds: [
    {
      key: 'langsmith.span.kind',
      types: {
        llm: 'llm',
        chain: 'chain',
        tool: 'tool',
        retriever: 'retriever',
        embedding: 'embedding',
        prompt: 'prompt',
        parser: 'other',
      },
    },
  ],
  fields: {
    provider: [{ key: 'langsmith.metadata.ls_provider' }],
    requestModel: [{ key: 'langsmith.metadata.ls_model_name' }],
    inputTokens: usage('input_tokens'),
    outputTokens: usage('output_tokens'),
    totalTokens: usage('total_tokens'),
    cacheReadTokens: [
      { key: INPUT_DETAILS, path: 'cache_read' },
      ...usage('input_token_details.cache_read'),
    ],
    cacheWriteTokens: [
      { key: INPUT_DETAILS, read: (view) => written(view.json(INPUT_DETAILS, '')) },
      ...USAGES.map((key) => ({
        key,
        read: (view: DialectView) => written(view.json(key, 'input_token_details')),
      })),
    ],
    cacheWrite1hTokens: [
      { key: INPUT_DETAILS, path: 'ephemeral_1h_input_tokens' },
      { key: INPUT_DETAILS, path: 'ephemeral_1hr_input_tokens' },
      ...usage('input_token_details.ephemeral_1h_input_tokens'),
      ...usage('input_token_details.ephemeral_1hr_input_tokens'),
    ],
    reasoningTokens: [
      { key: OUTPUT_DETAILS, path: 'reasoning' },
      ...usage('output_token_details.reasoning'),
    ],
    audioInputTokens: [
      { key: INPUT_DETAILS, path: 'audio' },
      ...usage('input_token_details.audio'),
    ],
    audioOutputTokens: [
      { key: OUTPUT_DETAILS, path: 'audio' },
      ...usage('output_token_details.audio'),
    ],
    senderCost: usage('total_cost'),
    responseModel: [{ key: COMPLETION, path: 'llm_output.model_name', when: isLlm }],
    finishReasons: [{ key: COMPLETION, when: isLlm, read: finishReasons }],
    streaming: [
      'langsmith.request.streaming',
      { key: PROMPT, when: isRequest, read: (view) => view.json(PROMPT, 'stream') === true },
    ],
    sessionId: [
      'langsmith.metadata.session_id',
      'langsmith.metadata.thread_id',
      'langsmith.metadata.conversation_id',
    ],
    userId: ['langsmith.metadata.user_id'],
    tags: [{ key: 'langsmith.span.tags', read: tags }],
    toolCallId: [
      toolMessage(COMPLETION, 'output').callId,
      toolMessage(COMPLETION, 'output.kwargs').callId,
    ],
    toolArguments: [{ key: PROMPT, when: isTool }],
    toolResult: [
      toolMessage(COMPLETION, 'output').content,
      toolMessage(COMPLETION, 'output.kwargs').content,
      { key: COMPLETION, when: isTool },
    ],
    temperature: ['langsmith.metadata.ls_temperature', { key: PROMPT, path: 'temperature' }],
    maxTokens: ['langsmith.metadata.ls_max_tokens', { key: PROMPT, path: 'max_tokens' }],
    toolDefinitions: [
      { key: PROMPT, when: isLlm, read: (view) => requestTools(view.json(PROMPT, '')) },
    ],
    inputMessages: [
      {
        key: PROMPT,
        when: isModelSpan,
        read: (view) => askedMessages(view.type, view.json(PROMPT, '')),
      },
      { key: PROMPT, when: isModelSpan },
    ],
    outputMessages: [
      { key: COMPLETION, when: isLlm, read: (view) => responseMessages(view.json(COMPLETION, '')) },
      { key: COMPLETION, when: isLlm },
    ],
  },
}

function usage(path: string) {
  return USAGES.map((key) => ({ key, path }))
}

/** The provider's own request, which would say `stream: true`; Gemini has another method for it. */
function isRequest(view: DialectView): boolean {
  const isGemini = view.json(PROMPT, 'contents') !== undefined
  return view.type === 'llm' && !isGemini && typeof view.json(PROMPT, 'model') === 'string'
}

function finishReasons(view: DialectView): string[] | undefined {
  const reasons = responseFinishReasons(view.json(COMPLETION, ''))
  return reasons.length === 0 ? undefined : reasons
}

/** One text, parted by commas. */
function tags(view: DialectView): unknown {
  const sent = view.value('langsmith.span.tags')
  return typeof sent === 'string' ? sent.split(',').map((tag) => tag.trim()) : sent
}

/** All that was written to the cache: the sum is left out, or 0, where the lengths are told apart. */
function written(details: unknown): unknown {
  if (typeof details !== 'object' || details === null) return undefined
  const counts = details as Record<string, unknown>
  if (typeof counts['cache_creation'] === 'number' && counts['cache_creation'] > 0) {
    return counts['cache_creation']
  }
  const parts = [
    counts['ephemeral_5m_input_tokens'],
    counts['ephemeral_1h_input_tokens'] ?? counts['ephemeral_1hr_input_tokens'],
  ].filter((count) => typeof count === 'number')
  return parts.length === 0
    ? counts['cache_creation']
    : parts.reduce((total, count) => total + count, 0)
}
