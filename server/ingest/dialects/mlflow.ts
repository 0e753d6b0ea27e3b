import {
  askedMessages,
  requestSystem,
  requestTools,
  responseFinishReasons,
  responseMessages,
} from '../messages/provider-json.ts'
import { parseJsonText } from '../attribute-text.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isLlm, isModelSpan, isTool } from './span-type.ts'
import { toolMessage } from './tool-message.ts'

const INPUTS = 'mlflow.spanInputs'
const OUTPUTS = 'mlflow.spanOutputs'
const USAGE = 'mlflow.chat.tokenUsage'

/** MLflow tracing: every attribute is JSON text; a call is the provider's request and answer. */
export const mlflow: Dialect = {
  name: 'mlflow',
  markers: ['mlflow.spanType', 'mlflow.traceRequestId', INPUTS],
  scope: /^mlflow\./,
  reads: ['mlflow.linkedPrompts', 'stream'],
  kinds: [
    {
      key: 'mlflow.spanType',
      types: {
        CHAT_MODEL: 'llm',
        LLM: 'llm',
        EMBEDDING: 'embedding',
        TOOL: 'tool',
        AGENT: 'agent',
        CHAIN: 'chain',
        WORKFLOW: 'chain',
        TASK: 'chain',
        RETRIEVER: 'retriever',
        RERANKER: 'reranker',
        GUARDRAIL: 'guardrail',
        EVALUATOR: 'evaluator',
      },
    },
  ],
  fields: {
    provider: ['mlflow.llm.provider', { key: 'mlflow.chat_model.provider' }],
    requestModel: [
      { key: INPUTS, path: 'model', when: isModelSpan },
      { key: 'model', when: isModelSpan },
    ],
    responseModel: [
      { key: OUTPUTS, path: 'model', when: isModelSpan },
      { key: OUTPUTS, path: 'llm_output.model_name', when: isModelSpan },
      { key: OUTPUTS, path: 'model_version', when: isModelSpan },
    ],
    model: ['mlflow.llm.model', 'mlflow.chat_model.model'],
    responseId: [
      { key: OUTPUTS, path: 'id', when: isModelSpan },
      { key: OUTPUTS, path: 'response_id', when: isModelSpan },
    ],
    inputTokens: [{ key: USAGE, path: 'input_tokens' }],
    outputTokens: [{ key: USAGE, path: 'output_tokens' }],
    totalTokens: [{ key: USAGE, path: 'total_tokens' }],
    cacheReadTokens: [{ key: USAGE, path: 'cache_read_input_tokens' }],
    cacheWriteTokens: [{ key: USAGE, path: 'cache_creation_input_tokens' }],
    cacheWrite1hTokens: [{ key: USAGE, path: 'cache_creation_input_tokens_above_1hr' }],
    reasoningTokens: [
      { key: USAGE, path: 'reasoning_tokens' },
      { key: USAGE, path: 'reasoning_output_tokens' },
    ],
    senderCost: [
      { key: 'mlflow.llm.cost', path: 'total_cost' },
      { key: 'mlflow.llm.cost', path: 'total' },
    ],
    streaming: [
      { key: 'stream', when: isModelSpan },
      { key: INPUTS, when: isChatRequest, read: (view) => view.json(INPUTS, 'stream') === true },
    ],
    finishReasons: [{ key: OUTPUTS, when: isLlm, read: finishReasons }],
    sessionId: ['mlflow.trace.session', 'mlflow.session.id', 'metadata.mlflow.trace.session'],
    userId: ['mlflow.trace.user', 'mlflow.user.id', 'metadata.mlflow.trace.user'],
    promptName: [{ key: 'mlflow.linkedPrompts', read: (view) => linkedPrompt(view, 'name') }],
    promptVersion: [{ key: 'mlflow.linkedPrompts', read: (view) => linkedPrompt(view, 'version') }],
    agentName: [{ key: 'mlflow.agent.name' }],
    toolCallId: [toolMessage(OUTPUTS).callId],
    toolArguments: [{ key: INPUTS, when: isTool }],
    toolResult: [toolMessage(OUTPUTS).content, { key: OUTPUTS, when: isTool }],
    temperature: [
      'temperature',
      { key: INPUTS, path: 'temperature' },
      { key: INPUTS, path: 'config.temperature' },
    ],
    maxTokens: [
      'max_tokens',
      'max_completion_tokens',
      'max_output_tokens',
      { key: INPUTS, path: 'max_tokens' },
      { key: INPUTS, path: 'config.max_output_tokens' },
    ],
    systemInstructions: [
      { key: INPUTS, when: isModelSpan, read: (view) => requestSystem(view.json(INPUTS, '')) },
    ],
    toolDefinitions: [
      'mlflow.chat.tools',
      'tools',
      { key: INPUTS, when: isModelSpan, read: (view) => requestTools(view.json(INPUTS, '')) },
    ],
    inputMessages: [
      'mlflow.chat.messages',
      {
        key: INPUTS,
        when: isModelSpan,
        read: (view) => askedMessages(view.type, view.json(INPUTS, '')),
      },
      { key: INPUTS, when: isModelSpan },
    ],
    outputMessages: [
      { key: OUTPUTS, when: isModelSpan, read: (view) => responseMessages(view.json(OUTPUTS, '')) },
      { key: OUTPUTS, when: isModelSpan },
    ],
  },
}

/** The provider's own request, which would say `stream: true`; Gemini has another method for it. */
function isChatRequest(view: DialectView): boolean {
  const isGemini = view.json(INPUTS, 'contents') !== undefined
  return view.type === 'llm' && !isGemini && typeof view.json(INPUTS, 'model') === 'string'
}

function finishReasons(view: DialectView): string[] | undefined {
  const reasons = responseFinishReasons(view.json(OUTPUTS, ''))
  return reasons.length === 0 ? undefined : reasons
}

/** The first prompt of the registry that the span was made with. */
function linkedPrompt(view: DialectView, field: 'name' | 'version'): unknown {
  const sent = view.json('mlflow.linkedPrompts', '')
  const prompts = typeof sent === 'string' ? parseJsonText(sent) : sent
  const first: unknown = Array.isArray(prompts) ? prompts[0] : undefined
  return typeof first === 'object' && first !== null
    ? (first as Record<string, unknown>)[field]
    : undefined
}
