import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import * as names from './semconv.ts'
import type { SpanType } from './span-kind.ts'
import { SDK_VERSION } from './version.ts'

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
  /** What the span stands for; by the operation unless given. */
  readonly kind?: SpanType
  readonly provider: string
  readonly model?: string | undefined
  readonly serverAddress?: string | undefined
  readonly serverPort?: number | undefined
  readonly isStream?: boolean
  /** Further request attributes by their name on the wire. */
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly messages?: readonly Message[]
  readonly systemInstructions?: readonly MessagePart[]
  readonly toolDefinitions?: readonly unknown[] | undefined
}

/**
 * Token counts as the provider reported them; cache inside input, reasoning inside output.
 *
 * @example
 * const usage: TokenUsage = { inputTokens: 1_200, cacheReadTokens: 1_000, outputTokens: 80 }
 */
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
  /** The provider answered with a failure although the call succeeded, as in a stream of status 200. */
  readonly failure?: unknown
  readonly id?: string | undefined
  readonly model?: string | undefined
  readonly finishReasons: readonly string[]
  readonly messages: readonly Message[]
  readonly usage?: TokenUsage | undefined
  /** Further response attributes by their name on the wire. */
  readonly parameters: Readonly<Record<string, Parameter>>
}

// Each set of fields is one literal of constant names and goes to the span as it is: putting sets together
// by spreading them costs more than all the rest of a recorded call.

/** What a sampler may look at, so it is set when the span starts. */
export function startFields(request: ModelCallRequest): Fields {
  return {
    [names.ATTR_KIND]: request.kind ?? (request.operation === 'embeddings' ? 'embedding' : 'llm'),
    [names.ATTR_OPERATION]: request.operation,
    [names.ATTR_PROVIDER]: request.provider,
    [names.ATTR_REQUEST_MODEL]: request.model,
    [names.ATTR_SERVER_ADDRESS]: request.serverAddress,
    [names.ATTR_SERVER_PORT]: request.serverPort,
    [names.ATTR_REQUEST_STREAM]: request.isStream === true ? true : undefined,
    [names.ATTR_SDK_VERSION]: SDK_VERSION,
  }
}

/** What a request says beyond its start. */
export function requestFields(request: ModelCallRequest): readonly Fields[] {
  const { provider, messages, systemInstructions, toolDefinitions } = request
  return [
    request.parameters,
    {
      [names.ATTR_INPUT_MESSAGES]:
        messages === undefined ? undefined : new Content('input.messages', messages, provider),
      [names.ATTR_SYSTEM_INSTRUCTIONS]:
        systemInstructions === undefined
          ? undefined
          : new Content('system_instructions', systemInstructions, provider),
      [names.ATTR_TOOL_DEFINITIONS]:
        toolDefinitions === undefined
          ? undefined
          : new Content('tool.definitions', toolDefinitions, provider),
    },
  ]
}

/** What a response, whole or as far as it came, says. */
export function responseFields(response: ModelCallResponse, provider: string): readonly Fields[] {
  const { usage, finishReasons, messages } = response
  return [
    {
      [names.ATTR_RESPONSE_ID]: response.id,
      [names.ATTR_RESPONSE_MODEL]: response.model,
      [names.ATTR_RESPONSE_FINISH_REASONS]:
        finishReasons.length > 0 ? knownReasons(finishReasons) : undefined,
      [names.ATTR_OUTPUT_MESSAGES]:
        messages.length > 0 ? new Content('output.messages', messages, provider) : undefined,
    },
    response.parameters,
    usage === undefined ? NO_USAGE : usageFields(usage),
  ]
}

const reasonLists = new Map<string, string[]>()
const MAX_REASON_LISTS = 50

/** The same reason comes again and again: one list of it, that nobody can change, is encoded once. */
function knownReasons(reasons: readonly string[]): string[] {
  const [only] = reasons
  if (only === undefined || reasons.length > 1) return [...reasons]
  const known = reasonLists.get(only)
  if (known !== undefined) return known
  const list = [only]
  Object.freeze(list)
  if (reasonLists.size < MAX_REASON_LISTS) reasonLists.set(only, list)
  return list
}

const NO_USAGE: Fields = { [names.ATTR_USAGE_SOURCE]: 'absent' }

function usageFields(usage: TokenUsage): Fields {
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
