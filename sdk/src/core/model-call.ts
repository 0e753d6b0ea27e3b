import type { Attributes } from '@opentelemetry/api'
import { DEFAULT_CONTENT, writeContent } from './content.ts'
import type { ContentPolicy } from './content.ts'
import * as names from './semconv.ts'

/** One part of a message in OpenTelemetry's form; other fields by its `type`. */
export type MessagePart = { readonly type: string; readonly [field: string]: unknown }

export type Message = {
  readonly role: string
  readonly parts: readonly MessagePart[]
  readonly name?: string
  readonly finish_reason?: string
}

/** A value of an attribute; undefined leaves it out. */
export type Parameter = string | number | boolean | string[] | undefined

/** A call to a model as every provider's tap describes it. */
export type ModelCallRequest = {
  readonly operation: string
  readonly provider: string
  readonly model?: string
  readonly serverAddress?: string
  readonly serverPort?: number
  readonly isStream?: boolean
  /** Further request attributes by their name on the wire. */
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly messages?: readonly Message[]
  readonly systemInstructions?: readonly MessagePart[]
  readonly toolDefinitions?: readonly unknown[]
}

/** Token counts as the provider reported them; cache inside input, reasoning inside output. */
export type TokenUsage = {
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly cacheReadTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
  readonly audioInputTokens?: number | undefined
  readonly audioOutputTokens?: number | undefined
  readonly imageInputTokens?: number | undefined
}

export type ModelCallResponse = {
  readonly id?: string | undefined
  readonly model?: string | undefined
  readonly finishReasons: readonly string[]
  readonly messages: readonly Message[]
  readonly usage?: TokenUsage | undefined
  /** Further response attributes by their name on the wire. */
  readonly parameters: Readonly<Record<string, Parameter>>
}

/** What a sampler may look at, so it is set when the span starts. */
export function startAttributes(request: ModelCallRequest): Attributes {
  return present({
    [names.ATTR_KIND]: request.operation === 'embeddings' ? 'embedding' : 'llm',
    [names.ATTR_OPERATION]: request.operation,
    [names.ATTR_PROVIDER]: request.provider,
    [names.ATTR_REQUEST_MODEL]: request.model,
    [names.ATTR_SERVER_ADDRESS]: request.serverAddress,
    [names.ATTR_SERVER_PORT]: request.serverPort,
    [names.ATTR_REQUEST_STREAM]: request.isStream === true ? true : undefined,
  })
}

/** Every attribute a request gives its span. */
export function modelRequestAttributes(
  request: ModelCallRequest,
  policy: ContentPolicy = DEFAULT_CONTENT,
): Attributes {
  const attributes = { ...startAttributes(request), ...present(request.parameters) }
  const { provider } = request
  const write = (
    key: string,
    field: 'input.messages' | 'system_instructions' | 'tool.definitions',
    value: unknown,
  ) => writeContent(attributes, { key, field, provider }, { value, policy })
  write(names.ATTR_INPUT_MESSAGES, 'input.messages', request.messages)
  write(names.ATTR_SYSTEM_INSTRUCTIONS, 'system_instructions', request.systemInstructions)
  write(names.ATTR_TOOL_DEFINITIONS, 'tool.definitions', request.toolDefinitions)
  return attributes
}

/** Every attribute a response, whole or as far as it came, gives its span. */
export function modelResponseAttributes(
  response: ModelCallResponse,
  { provider, policy = DEFAULT_CONTENT }: { provider: string; policy?: ContentPolicy },
): Attributes {
  const { usage, finishReasons, messages } = response
  const attributes = present({
    [names.ATTR_RESPONSE_ID]: response.id,
    [names.ATTR_RESPONSE_MODEL]: response.model,
    [names.ATTR_RESPONSE_FINISH_REASONS]: finishReasons.length > 0 ? [...finishReasons] : undefined,
    ...response.parameters,
    ...usageAttributes(usage),
  })
  const value = messages.length > 0 ? messages : undefined
  writeContent(
    attributes,
    { key: names.ATTR_OUTPUT_MESSAGES, field: 'output.messages', provider },
    { value, policy },
  )
  return attributes
}

function usageAttributes(usage: TokenUsage | undefined): Record<string, Parameter> {
  if (usage === undefined) return { [names.ATTR_USAGE_SOURCE]: 'absent' }
  return {
    [names.ATTR_USAGE_SOURCE]: 'provider',
    [names.ATTR_USAGE_INPUT]: usage.inputTokens,
    [names.ATTR_USAGE_OUTPUT]: usage.outputTokens,
    [names.ATTR_USAGE_CACHE_READ]: usage.cacheReadTokens,
    [names.ATTR_USAGE_CACHE_WRITE]: usage.cacheWriteTokens,
    [names.ATTR_USAGE_CACHE_CREATION]: usage.cacheWriteTokens,
    [names.ATTR_USAGE_REASONING]: usage.reasoningTokens,
    [names.ATTR_USAGE_AUDIO_INPUT]: usage.audioInputTokens,
    [names.ATTR_USAGE_AUDIO_OUTPUT]: usage.audioOutputTokens,
    [names.ATTR_USAGE_IMAGE_INPUT]: usage.imageInputTokens,
  }
}

function present(values: Readonly<Record<string, Parameter>>): Attributes {
  const attributes: Attributes = {}
  for (const key in values) {
    const value = values[key]
    if (value !== undefined) attributes[key] = value
  }
  return attributes
}
