import { parseJsonText, stepInto } from '../attribute-text.ts'
import { findOperation } from '../operations.ts'
import { indexedGenAiMessages, olderToolDefinitions } from '../messages/gen-ai-messages.ts'
import { indexedItems, itemText } from '../messages/indexed.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isLlm } from './span-type.ts'

/**
 * OpenTelemetry GenAI conventions, new names before old ones: 1.27 to the newest (`dialects.md` a5).
 * Operations are turned into types by `operations.ts`.
 */
export const genAi: Dialect = {
  name: 'gen-ai',
  isBase: true,
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
      'gen_ai.usage.details.cache_read_tokens',
      'gen_ai.usage.details.cached_tokens',
      'gen_ai.usage.details.cache_read_input_tokens',
      'gen_ai.usage.details.cached_content_tokens',
    ],
    cacheWriteTokens: [
      'gen_ai.usage.cache_write.input_tokens',
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'gen_ai.usage.cache_write_input_tokens',
      'gen_ai.usage.input_tokens.cache_write',
      'gen_ai.usage.details.cache_write_tokens',
      'gen_ai.usage.details.cache_creation_input_tokens',
    ],
    cacheWrite1hTokens: [
      'anthropic.usage.cache_creation.ephemeral_1h_input_tokens',
      'gen_ai.usage.cache_creation.ephemeral_1h_input_tokens',
      'gen_ai.usage.details.ephemeral_1h_input_tokens',
      'gen_ai.usage.details.cache_write_1h_tokens',
    ],
    reasoningTokens: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.usage.output_tokens.reasoning',
      'gen_ai.usage.details.reasoning_tokens',
      'gen_ai.usage.details.thoughts_tokens',
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
      { key: 'gen_ai.output.messages', read: finishReasonsOfMessages },
      { key: 'gen_ai.completion.0.finish_reason', read: indexedFinishReasons },
      { key: 'event gen_ai.choice', when: isLlm, read: finishReasonsOfEvents },
      { key: 'gen_ai.response.finish_reason', read: singularFinishReason },
      'anthropic.message.stop_reason',
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
    if (isModelCall) return 'llm'
    return view.has('toolName') && !view.has('requestModel') ? 'tool' : null
  },
  isAggregate: (view) =>
    view.span.name === 'raw_gen_ai_request' ||
    findOperation(view.operationRaw ?? '')?.type === 'agent',
  messages: indexedGenAiMessages,
  toolDefinitions: ({ attributes }) => olderToolDefinitions(attributes),
  consumedPrefixes: ['gen_ai.prompt.', 'gen_ai.completion.', 'llm.request.functions.'],
}

function finishReasonsOfMessages(view: DialectView): string[] | undefined {
  if (view.value('gen_ai.output.messages') === undefined) return undefined
  const messages = view.json('gen_ai.output.messages', '')
  if (!Array.isArray(messages)) return undefined
  const reasons = messages.map((message) => stepInto(message, 'finish_reason'))
  const told = reasons.filter((reason) => typeof reason === 'string' && reason !== '') as string[]
  return told.length === 0 ? undefined : told
}

/** Messages in span events: of the choices. */
function finishReasonsOfEvents(view: DialectView): string[] | undefined {
  const reasons: string[] = []
  for (const { name: event, attributes } of view.span.events) {
    if (event !== 'gen_ai.choice') continue
    const valueOf = (name: string) => attributes.find(({ key }) => key === name)?.value
    const content = valueOf('gen_ai.event.content')
    const sent =
      valueOf('finish_reason') ??
      (typeof content === 'string' ? stepInto(parseJsonText(content), 'finish_reason') : null)
    if (typeof sent === 'string' && sent !== '') reasons.push(sent)
  }
  return reasons.length === 0 ? undefined : reasons
}

/** One for each choice. */
function indexedFinishReasons(view: DialectView): string[] | undefined {
  if (view.value('gen_ai.completion.0.finish_reason') === undefined) return undefined
  const choices = indexedItems(view.span.attributes, 'gen_ai.completion.')
  const reasons = choices.flatMap((choice) => itemText(choice, 'finish_reason') ?? [])
  return reasons.length === 0 ? undefined : reasons
}

/** Semantic Kernel: Python enumerations as text, one for each choice. */
function singularFinishReason(view: DialectView): string[] | undefined {
  const sent = view.value('gen_ai.response.finish_reason')
  if (typeof sent !== 'string' || sent === '') return undefined
  return sent.split(',').map((reason) => reason.trim().replace(/^FinishReason\./, ''))
}

function scopeOf(view: DialectView): string {
  return view.span.group.scope.name
}

function isStrands(view: DialectView): boolean {
  return scopeOf(view).startsWith('strands.')
}
