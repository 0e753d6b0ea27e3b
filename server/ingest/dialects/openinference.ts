import { openinferenceMessages, openinferenceTools } from '../messages/openinference-messages.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { toolMessage } from './tool-message.ts'

/**
 * OpenInference (Arize): flattened `llm.*` attributes; what they leave out (ids, the request's
 * model, streaming) stands in the JSON of `input.value` and `output.value`.
 */
export const openinference: Dialect = {
  name: 'openinference',
  markers: ['openinference.span.kind'],
  scope: /^(@arizeai\/openinference|openinference\.)/,
  kinds: [
    {
      key: 'openinference.span.kind',
      types: {
        LLM: 'llm',
        EMBEDDING: 'embedding',
        CHAIN: 'chain',
        AGENT: 'agent',
        TOOL: 'tool',
        RETRIEVER: 'retriever',
        RERANKER: 'reranker',
        GUARDRAIL: 'guardrail',
        EVALUATOR: 'evaluator',
        PROMPT: 'prompt',
      },
    },
  ],
  fields: {
    provider: ['llm.provider', 'llm.system', { key: 'metadata', path: 'ls_provider' }],
    requestModel: [
      'llm.request.model_name',
      // OpenAI Agents writes the response's settings there, told by their id.
      { key: 'llm.invocation_parameters', path: 'model', when: isRequestEcho },
      { key: 'embedding.invocation_parameters', path: 'model' },
      { key: 'embedding.model_name' },
      { key: 'input.value', path: 'model', when: isModel },
    ],
    responseModel: [
      'llm.response.model_name',
      { key: 'output.value', path: 'model', when: isModel },
      { key: 'output.value', path: 'model_version', when: isLlm },
      { key: 'output.value', path: 'modelVersion', when: isLlm },
    ],
    model: ['llm.model_name', 'embedding.model_name'],
    responseId: [
      { key: 'output.value', path: 'id', when: isLlm },
      { key: 'output.value', path: 'response_id', when: isLlm },
      { key: 'output.value', path: 'responseId', when: isLlm },
      { key: 'output.value', when: isLlm, read: langChainId },
    ],
    inputTokens: ['llm.token_count.prompt'],
    outputTokens: ['llm.token_count.completion'],
    totalTokens: ['llm.token_count.total'],
    cacheReadTokens: ['llm.token_count.prompt_details.cache_read'],
    cacheWriteTokens: ['llm.token_count.prompt_details.cache_write'],
    cacheWrite1hTokens: [
      {
        key: 'output.value',
        path: 'usage.cache_creation.ephemeral_1h_input_tokens',
        when: isLlm,
      },
      {
        key: 'output.value',
        path: 'generations.0.0.message.kwargs.usage_metadata.input_token_details.ephemeral_1h_input_tokens',
        when: isLlm,
      },
    ],
    reasoningTokens: ['llm.token_count.completion_details.reasoning'],
    audioInputTokens: ['llm.token_count.prompt_details.audio'],
    audioOutputTokens: ['llm.token_count.completion_details.audio'],
    senderCost: ['llm.cost.total'],
    streaming: [
      {
        key: 'input.value',
        when: isRawRequest,
        read: (view) => view.json('input.value', 'stream') === true,
      },
      // LangChain writes `stream: false` there even when it streams: only true is telling.
      { key: 'llm.invocation_parameters', path: 'stream', when: isStreamedRequest },
    ],
    finishReasons: ['llm.finish_reason'],
    sessionId: ['session.id', { key: 'metadata', path: 'session_id' }],
    userId: ['user.id', { key: 'metadata', path: 'user_id' }],
    tags: ['tag.tags'],
    promptName: ['llm.prompt_template.name', 'prompt.id'],
    promptVersion: ['llm.prompt_template.version'],
    agentName: ['agent.name'],
    toolName: ['tool.name'],
    toolCallId: [
      'tool_call.id',
      toolMessage('output.value', 'output.kwargs').callId,
      toolMessage('output.value', 'data').callId,
    ],
    toolArguments: [{ key: 'input.value', when: isTool }, 'tool.parameters'],
    toolResult: [
      toolMessage('output.value', 'output.kwargs').content,
      toolMessage('output.value', 'data').content,
      { key: 'output.value', when: isTool },
    ],
    temperature: [{ key: 'llm.invocation_parameters', path: 'temperature' }],
    maxTokens: [
      { key: 'llm.invocation_parameters', path: 'max_tokens' },
      { key: 'llm.invocation_parameters', path: 'max_completion_tokens' },
      { key: 'llm.invocation_parameters', path: 'max_output_tokens' },
    ],
    systemInstructions: [{ key: 'llm.invocation_parameters', path: 'system' }],
  },
  messages: openinferenceMessages,
  toolDefinitions: ({ attributes }) => openinferenceTools(attributes),
  consumedPrefixes: [
    'llm.input_messages.',
    'llm.output_messages.',
    'llm.tools.',
    'llm.prompts.',
    'llm.choices.',
    'embedding.embeddings.',
  ],
}

function isLlm(view: DialectView): boolean {
  return view.type === 'llm'
}

function isModel(view: DialectView): boolean {
  return view.type === 'llm' || view.type === 'embedding'
}

function isTool(view: DialectView): boolean {
  return view.type === 'tool'
}

/** The provider's id of the answer; LangChain's message has often one of its own run instead. */
function langChainId(view: DialectView): unknown {
  const paths = ['kwargs.id', 'kwargs.response_metadata.id', 'data.response_metadata.id']
  const ids = paths.map((path) => view.json('output.value', `generations.0.0.message.${path}`))
  return [...ids, view.json('output.value', 'llm_output.id')].find(
    (id) => typeof id === 'string' && !/^(lc_)?run-/.test(id),
  )
}

function isRequestEcho(view: DialectView): boolean {
  return view.json('llm.invocation_parameters', 'id') === undefined
}

/** The provider's own request, which would say `stream: true`; Gemini has another method for it. */
function isRawRequest(view: DialectView): boolean {
  const isGemini = view.json('input.value', 'contents') !== undefined
  return view.type === 'llm' && !isGemini && typeof view.json('input.value', 'model') === 'string'
}

function isStreamedRequest(view: DialectView): boolean {
  return view.json('llm.invocation_parameters', 'stream') === true
}
