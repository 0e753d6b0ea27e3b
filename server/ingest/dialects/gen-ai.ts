import { findOperation } from '../operations.ts'
import type { Dialect, DialectView } from './dialect.ts'

/**
 * OpenTelemetry GenAI conventions, new names before old ones: 1.27 to the newest (`dialects.md` a5).
 * Operations are turned into types by `operations.ts`.
 */
export const genAi: Dialect = {
  name: 'gen-ai',
  markers: [
    'gen_ai.operation.name',
    'gen_ai.provider.name',
    'gen_ai.system',
    'gen_ai.request.model',
    'gen_ai.response.model',
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'gen_ai.tool.name',
    'gen_ai.agent.name',
  ],
  fields: {
    operation: ['gen_ai.operation.name', 'llm.request.type'],
    provider: ['gen_ai.provider.name', 'gen_ai.system'],
    requestModel: ['gen_ai.request.model'],
    responseModel: ['gen_ai.response.model'],
    responseId: ['gen_ai.response.id'],
    inputTokens: ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
    outputTokens: ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
    totalTokens: ['gen_ai.usage.total_tokens', 'llm.usage.total_tokens'],
    cacheReadTokens: [
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_read_input_tokens',
      'gen_ai.usage.input_tokens.cached',
    ],
    cacheWriteTokens: [
      'gen_ai.usage.cache_write.input_tokens',
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'gen_ai.usage.cache_write_input_tokens',
      'gen_ai.usage.input_tokens.cache_write',
    ],
    reasoningTokens: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.usage.output_tokens.reasoning',
    ],
    audioInputTokens: ['gen_ai.usage.audio.input_tokens'],
    audioOutputTokens: ['gen_ai.usage.audio.output_tokens'],
    imageInputTokens: ['gen_ai.usage.image.input_tokens'],
    senderCost: ['gen_ai.usage.cost', 'gen_ai.cost.total_cost', 'operation.cost'],
    streaming: [
      'gen_ai.request.stream',
      'gen_ai.is_streaming',
      'gen_ai.request.is_stream',
      'llm.is_streaming',
    ],
    ttft: [
      'gen_ai.response.time_to_first_chunk',
      'gen_ai.client.operation.time_to_first_chunk',
      { key: 'gen_ai.server.time_to_first_token', unit: 'ms', when: isStrands },
      { key: 'gen_ai.server.time_to_first_token', when: (view) => !isStrands(view) },
    ],
    finishReasons: [
      'gen_ai.response.finish_reasons',
      'gen_ai.response.finish_reason',
      'gen_ai.completion.0.finish_reason',
    ],
    sessionId: ['gen_ai.conversation.id'],
    promptName: ['gen_ai.prompt.name'],
    promptVersion: ['gen_ai.prompt.version'],
    agentName: ['gen_ai.agent.name'],
    toolName: ['gen_ai.tool.name'],
    toolCallId: ['gen_ai.tool.call.id'],
    toolArguments: ['gen_ai.tool.call.arguments', 'gen_ai.tool.args', 'tool_arguments'],
    toolResult: ['gen_ai.tool.call.result', 'gen_ai.tool.result', 'tool_response'],
    temperature: ['gen_ai.request.temperature'],
    maxTokens: ['gen_ai.request.max_tokens'],
    systemInstructions: ['gen_ai.system_instructions'],
    toolDefinitions: ['gen_ai.tool.definitions'],
    inputMessages: ['gen_ai.input.messages', 'gen_ai.request.messages'],
    outputMessages: ['gen_ai.output.messages'],
  },
  fallbackType: (view) => {
    const isModelCall =
      view.has('requestModel') && (view.has('inputTokens') || view.has('outputTokens'))
    return isModelCall ? 'llm' : null
  },
  isAggregate: (view) =>
    view.span.name === 'raw_gen_ai_request' ||
    findOperation(view.operationRaw ?? '')?.type === 'agent',
  consumedPrefixes: ['gen_ai.prompt.', 'gen_ai.completion.', 'llm.request.functions.'],
}

function scopeOf(view: DialectView): string {
  return view.span.group.scope.name
}

function isStrands(view: DialectView): boolean {
  return scopeOf(view).startsWith('strands.')
}
