import { answerMessage, embeddedTexts, requestMessages } from '../messages/provider-json.ts'
import { parseJsonText, toJson } from '../attribute-text.ts'
import type { AttributeValue } from '../otlp.ts'
import type { Dialect, DialectView } from './dialect.ts'

const OPERATION = 'ai.operationId'
const METADATA = 'ai.response.providerMetadata'
/** The model call itself, inside the span of the function that the application called. */
const INNER = /\.do(Generate|Stream|Embed|Rerank)$/

/** Vercel AI SDK 3 to 6, and 7 with its legacy integration: `ai.*`, repeated in some `gen_ai.*`. */
export const vercelAi: Dialect = {
  name: 'vercel-ai',
  markers: [
    OPERATION,
    'ai.model.id',
    'ai.telemetry.functionId',
    'ai.settings.context.userId',
    'ai.settings.context.sessionId',
  ],
  scope: /^ai$/,
  typeOf,
  reads: [
    'ai.response.reasoning',
    'ai.response.toolCalls',
    'ai.response.object',
    'ai.result.text',
    'ai.result.toolCalls',
    'ai.result.object',
    'ai.usage.inputTokenDetails.noCacheTokens',
  ],
  fields: {
    operation: [OPERATION],
    provider: ['ai.model.provider'],
    requestModel: ['ai.model.id'],
    responseModel: ['ai.response.model'],
    responseId: ['ai.response.id'],
    inputTokens: [
      'ai.usage.inputTokens',
      'ai.usage.promptTokens',
      { key: 'ai.usage.tokens', when: isEmbeddingCall },
    ],
    outputTokens: ['ai.usage.outputTokens', 'ai.usage.completionTokens'],
    totalTokens: [
      'ai.usage.totalTokens',
      { key: METADATA, path: 'google.usageMetadata.totalTokenCount' },
      { key: METADATA, path: 'vertex.usageMetadata.totalTokenCount' },
    ],
    cacheReadTokens: [
      'ai.usage.inputTokenDetails.cacheReadTokens',
      'ai.usage.cachedInputTokens',
      { key: METADATA, path: 'anthropic.usage.cache_read_input_tokens' },
      { key: METADATA, path: 'anthropic.cacheReadInputTokens' },
      { key: METADATA, path: 'bedrock.usage.cacheReadInputTokens' },
      { key: METADATA, path: 'openai.cachedPromptTokens' },
      { key: METADATA, path: 'google.usageMetadata.cachedContentTokenCount' },
      { key: METADATA, path: 'vertex.usageMetadata.cachedContentTokenCount' },
    ],
    cacheWriteTokens: [
      'ai.usage.inputTokenDetails.cacheWriteTokens',
      { key: METADATA, path: 'anthropic.usage.cache_creation_input_tokens' },
      { key: METADATA, path: 'anthropic.cacheCreationInputTokens' },
      { key: METADATA, path: 'bedrock.usage.cacheWriteInputTokens' },
    ],
    cacheWrite1hTokens: [
      { key: METADATA, path: 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens' },
    ],
    reasoningTokens: [
      'ai.usage.outputTokenDetails.reasoningTokens',
      'ai.usage.reasoningTokens',
      { key: METADATA, path: 'openai.reasoningTokens' },
      { key: METADATA, path: 'google.usageMetadata.thoughtsTokenCount' },
      { key: METADATA, path: 'vertex.usageMetadata.thoughtsTokenCount' },
    ],
    streaming: [{ key: OPERATION, read: isStreaming, note: 'told by the operation' }],
    ttft: [
      { key: 'ai.response.msToFirstChunk', unit: 'ms' },
      { key: 'ai.stream.msToFirstChunk', unit: 'ms' },
    ],
    finishReasons: ['ai.response.finishReason', 'ai.finishReason'],
    sessionId: [
      'ai.telemetry.metadata.sessionId',
      'ai.telemetry.metadata.session_id',
      'ai.settings.context.sessionId',
      'ai.telemetry.metadata.threadId',
      'ai.telemetry.metadata.chatId',
    ],
    userId: [
      'ai.telemetry.metadata.userId',
      'ai.telemetry.metadata.user_id',
      'ai.settings.context.userId',
    ],
    tags: ['ai.telemetry.metadata.tags', 'ai.settings.context.tags'],
    agentName: ['ai.telemetry.functionId', 'resource.name'],
    toolName: ['ai.toolCall.name'],
    toolCallId: ['ai.toolCall.id'],
    toolArguments: ['ai.toolCall.args'],
    toolResult: ['ai.toolCall.result', 'ai.toolCall.output'],
    temperature: ['ai.settings.temperature'],
    maxTokens: ['ai.settings.maxOutputTokens', 'ai.settings.maxTokens'],
    systemInstructions: [
      { key: 'ai.prompt', path: 'system' },
      { key: 'ai.prompt', path: 'instructions' },
    ],
    toolDefinitions: ['ai.prompt.tools', 'ai.settings.tools'],
    inputMessages: [
      'ai.prompt.messages',
      { key: 'ai.prompt', read: (view) => requestMessages(view.json('ai.prompt', '')) },
      'ai.prompt',
      { key: 'ai.values', read: (view) => texts(view.value('ai.values')) },
      { key: 'ai.value', read: (view) => texts(view.value('ai.value')) },
    ],
    outputMessages: [{ key: 'ai.response.text', read: answer, note: 'with tool calls' }],
  },
  isAggregate: (view) => {
    const operation = operationOf(view)
    return operation.startsWith('ai.') && !INNER.test(operation)
  },
  counting,
}

function operationOf(view: DialectView): string {
  const operation = view.value(OPERATION)
  return typeof operation === 'string' ? operation : (view.span.name.split(' ')[0] ?? '')
}

function typeOf(view: DialectView) {
  // OpenInference's processor names the kind of each of these spans.
  if (view.value('openinference.span.kind') !== undefined) return null
  const operation = operationOf(view)
  if (operation.endsWith('.doGenerate') || operation.endsWith('.doStream')) return 'llm'
  if (operation.endsWith('.doEmbed')) return 'embedding'
  if (operation.endsWith('.doRerank')) return 'reranker'
  if (operation === 'ai.toolCall') return 'tool'
  return operation.startsWith('ai.') ? 'chain' : null
}

function isEmbeddingCall(view: DialectView): boolean {
  return operationOf(view).startsWith('ai.embed')
}

function isStreaming(view: DialectView): boolean | undefined {
  const operation = operationOf(view)
  if (operation.startsWith('ai.stream')) return true
  return operation.startsWith('ai.generate') ? false : undefined
}

function texts(sent: AttributeValue | undefined): unknown {
  return sent === undefined ? undefined : embeddedTexts(toJson(sent))
}

function answer(view: DialectView): unknown {
  const value = (key: string): unknown => toJson(view.value(key) ?? null) ?? undefined
  return answerMessage({
    text: value('ai.response.text') ?? value('ai.result.text'),
    reasoning: value('ai.response.reasoning'),
    toolCalls: value('ai.response.toolCalls') ?? value('ai.result.toolCalls'),
    object: value('ai.response.object') ?? value('ai.result.object'),
  })
}

/**
 * AI SDK 5 and older pass Anthropic's counts on as they are: without cache. From 6 on the details
 * stand beside them and the input is all of it; `noCacheTokens` settles what is what.
 */
function counting(view: DialectView) {
  const plain = numberAt(view, 'ai.usage.inputTokenDetails.noCacheTokens')
  const input = numberAt(view, 'ai.usage.inputTokens') ?? numberAt(view, 'ai.usage.promptTokens')
  if (plain !== null && input !== null) {
    return { cache: plain === input ? ('exclusive' as const) : ('inclusive' as const) }
  }
  const hasDetails = view.value('ai.usage.inputTokenDetails.cacheReadTokens') !== undefined
  const provider = view.value('ai.model.provider')
  const isAnthropic = typeof provider === 'string' && /anthropic|bedrock/.test(provider)
  return isAnthropic && !hasDetails ? { cache: 'exclusive' as const } : {}
}

function numberAt(view: DialectView, key: string): number | null {
  const value = view.value(key)
  if (typeof value === 'number') return value
  const parsed = typeof value === 'string' ? parseJsonText(value) : null
  return typeof parsed === 'number' ? parsed : null
}
