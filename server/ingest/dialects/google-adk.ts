import { stepInto } from '../attribute-text.ts'
import {
  requestMessages,
  requestSystem,
  requestTools,
  responseMessages,
} from '../messages/provider-json.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isLlm, isTool } from './span-type.ts'

const REQUEST = 'gcp.vertex.agent.llm_request'
const RESPONSE = 'gcp.vertex.agent.llm_response'

/**
 * Google's Agent Development Kit: a `call_llm` span with Gemini's own request and answer as JSON,
 * without an operation (1.x, JavaScript); from Python 2.13 on a span of OTel's names inside it.
 */
export const googleAdk: Dialect = {
  name: 'google-adk',
  markers: [REQUEST, 'gcp.vertex.agent.session_id', 'gcp.vertex.agent.invocation_id'],
  scope: /^gcp\.vertex\.agent$/,
  fields: {
    requestModel: ['gen_ai.request.model', { key: REQUEST, path: 'model', when: isLlm }],
    responseModel: [
      { key: RESPONSE, path: 'model_version', when: isLlm },
      { key: RESPONSE, path: 'modelVersion', when: isLlm },
    ],
    inputTokens: [
      'gen_ai.usage.input_tokens',
      countSource(['prompt_token_count', 'promptTokenCount']),
    ],
    outputTokens: [
      'gen_ai.usage.output_tokens',
      countSource(['candidates_token_count', 'candidatesTokenCount']),
    ],
    totalTokens: [countSource(['total_token_count', 'totalTokenCount'])],
    cacheReadTokens: [
      'gen_ai.usage.cache_read.input_tokens',
      countSource(['cached_content_token_count', 'cachedContentTokenCount']),
    ],
    reasoningTokens: [
      'gen_ai.usage.reasoning.output_tokens',
      countSource(['thoughts_token_count', 'thoughtsTokenCount']),
    ],
    finishReasons: [
      'gen_ai.response.finish_reasons',
      { key: RESPONSE, path: 'finish_reason', when: isLlm },
      { key: RESPONSE, path: 'finishReason', when: isLlm },
    ],
    errorType: [
      { key: RESPONSE, path: 'error_code', when: isLlm },
      { key: RESPONSE, path: 'errorCode', when: isLlm },
    ],
    errorMessage: [
      { key: RESPONSE, path: 'error_message', when: isLlm },
      { key: RESPONSE, path: 'errorMessage', when: isLlm },
    ],
    sessionId: ['gcp.vertex.agent.session_id'],
    toolArguments: [{ key: 'gcp.vertex.agent.tool_call_args', when: isTool }],
    toolResult: [{ key: 'gcp.vertex.agent.tool_response', when: isTool }],
    temperature: [{ key: REQUEST, path: 'config.temperature' }],
    maxTokens: [
      { key: REQUEST, path: 'config.max_output_tokens' },
      { key: REQUEST, path: 'config.maxOutputTokens' },
    ],
    systemInstructions: [
      { key: REQUEST, when: isLlm, read: (view) => requestSystem(view.json(REQUEST, '')) },
    ],
    toolDefinitions: [
      { key: REQUEST, when: isLlm, read: (view) => requestTools(view.json(REQUEST, '')) },
    ],
    inputMessages: [
      { key: REQUEST, when: isLlm, read: (view) => requestMessages(view.json(REQUEST, '')) },
    ],
    outputMessages: [{ key: RESPONSE, when: isLlm, read: answer }],
  },
  fallbackType: (view) => {
    const { name } = view.span
    if (name === 'call_llm') return 'llm'
    if (name.startsWith('execute_tool')) return 'tool'
    if (name.startsWith('agent_run') || name.startsWith('invoke_agent')) return 'agent'
    return name === 'invocation' ? 'chain' : null
  },
  counting,
}

function countSource(keys: readonly string[]) {
  return {
    key: RESPONSE,
    when: isLlm,
    read: (view: DialectView) =>
      keys.map((key) => counted(view, key)).find((one) => one !== undefined),
    note: 'usageMetadata',
  }
}

function counted(view: DialectView, key: string): unknown {
  const usage = view.json(RESPONSE, 'usage_metadata') ?? view.json(RESPONSE, 'usageMetadata')
  return stepInto(usage, key) ?? undefined
}

/** Elided content is `{}`. */
function answer(view: DialectView): unknown {
  const content = view.json(RESPONSE, 'content')
  return content === undefined ? undefined : responseMessages({ candidates: [{ content }] })
}

/** JavaScript and older Python send the candidates' tokens alone as the output. */
function counting(view: DialectView) {
  const candidates =
    counted(view, 'candidates_token_count') ?? counted(view, 'candidatesTokenCount')
  const output = view.value('gen_ai.usage.output_tokens')
  const isAlone = candidates !== undefined && (output === undefined || output === candidates)
  return isAlone ? { reasoning: 'exclusive' as const } : {}
}
