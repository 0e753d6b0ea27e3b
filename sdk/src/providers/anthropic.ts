import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asRecord } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import type { StreamObserver } from '../tap/call-recorder.ts'
import { override, tapMethod } from '../tap/override.ts'
import type { Describe, Restore } from '../tap/override.ts'
import { propagateTrace } from '../tap/propagate.ts'
import { toDefaults, wrapWith } from '../tap/provider-tap.ts'
import type { ProviderTap, WrapOptions } from '../tap/provider-tap.ts'
import { readRequest } from '../tap/read-request.ts'
import { tapRetries } from '../tap/tap-retries.ts'
import {
  CompletionStreamObserver,
  toCompletionRequest,
  toCompletionResponse,
} from './anthropic-completions.ts'
import { toAnthropicEndpoint } from './anthropic-endpoint.ts'
import { toMessagesRequest, toMessagesResponse } from './anthropic-messages.ts'
import { silenceOwnSpans } from './anthropic-own-spans.ts'
import { MessageStreamObserver } from './anthropic-stream.ts'
import { tapThreads } from './anthropic-threads.ts'
import type { Endpoint } from './openai-endpoint.ts'

/** How one endpoint's requests and responses are read. */
type Operation = {
  readonly toRequest: (body: unknown, endpoint: Endpoint) => ModelCallRequest
  readonly toResponse: (response: unknown) => ModelCallResponse
  readonly observe: (maxChars: number) => StreamObserver
}

const MESSAGES: Operation = {
  toRequest: toMessagesRequest,
  toResponse: toMessagesResponse,
  observe: (maxChars) => new MessageStreamObserver(maxChars),
}

const COMPLETIONS: Operation = {
  toRequest: toCompletionRequest,
  toResponse: toCompletionResponse,
  observe: (maxChars) => new CompletionStreamObserver(maxChars),
}

/**
 * Anthropic's clients of any version, those for Bedrock, Vertex and Foundry included. Helpers (`stream`,
 * `parse`, the tool runner, threads) call `create` themselves. Counting tokens calls no model and gives
 * no span; a batch's answers come another day and are not recorded.
 *
 * @example
 * anthropicTap.matches(new Anthropic()) // true
 */
export const anthropicTap: ProviderTap = {
  name: 'anthropic',
  // Others, such as Twilio's, have `messages.create` too.
  matches: (client) => isMessages(at(client, 'messages')),
  install: (client, options) => {
    const wrapping = { client: client as UnknownRecord, options }
    return [
      tapMethod(at(client, 'messages'), 'create', describe(MESSAGES, wrapping)),
      tapMethod(at(client, 'beta', 'messages'), 'create', describe(MESSAGES, wrapping)),
      tapMethod(at(client, 'completions'), 'create', describe(COMPLETIONS, wrapping)),
      ...tapThreads(at(client, 'beta', 'messages')),
      tapClones(client, options),
      tapRetries(wrapping.client),
      silenceOwnSpans(wrapping.client),
      ...(options.propagate === true ? [propagateTrace(wrapping.client)] : []),
    ]
  },
}

/**
 * Records the client's messages, plain and streamed; returns the very same client.
 *
 * @example
 * const anthropic = wrapAnthropic(new Anthropic())
 */
export function wrapAnthropic<T extends object>(client: T, options: WrapOptions = {}): T {
  return wrapWith(anthropicTap, client, options)
}

type Wrapping = { readonly client: UnknownRecord; readonly options: WrapOptions }

function describe(operation: Operation, { client, options }: Wrapping): Describe {
  const defaults = toDefaults(options)
  let baseURL: unknown
  let endpoint: Endpoint | undefined
  return (args, { content }) => {
    // A profile may change it after the client was made.
    if (endpoint === undefined || client['baseURL'] !== baseURL) {
      baseURL = client['baseURL']
      endpoint = toAnthropicEndpoint(client, options.provider)
    }
    const known = endpoint
    return {
      request: readRequest((body) => operation.toRequest(body, known), args[0]),
      defaults,
      readResponse: operation.toResponse,
      observeStream: () => operation.observe(content.maxBytes),
    }
  }
}

function isMessages(messages: UnknownRecord | undefined): boolean {
  return typeof messages?.['create'] === 'function' && typeof messages['stream'] === 'function'
}

/** `withOptions` makes another client, whose calls are the application's just as well. */
function tapClones(client: object, options: WrapOptions): Restore {
  const withOptions = (client as UnknownRecord)['withOptions']
  if (typeof withOptions !== 'function') return () => undefined
  return override(client, 'withOptions', function traced(this: unknown, ...args: unknown[]) {
    const clone: unknown = Reflect.apply(withOptions, this, args)
    return typeof clone === 'object' && clone !== null ? wrapAnthropic(clone, options) : clone
  })
}

function at(client: object, ...path: readonly string[]): UnknownRecord | undefined {
  return path.reduce<UnknownRecord | undefined>(
    (value, key) => asRecord(value?.[key]),
    asRecord(client),
  )
}

export type { WrapOptions } from '../tap/provider-tap.ts'
