import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asRecord, asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { override, tapMethod } from '../tap/override.ts'
import type { Describe, Restore } from '../tap/override.ts'
import { toDefaults, wrapWith } from '../tap/provider-tap.ts'
import type { ProviderTap, WrapOptions } from '../tap/provider-tap.ts'
import { addTraceHeaders } from '../tap/propagate.ts'
import { readRequest } from '../tap/read-request.ts'
import { toChatRequest, toGenerateRequest, toResponse } from './ollama-chat.ts'
import { toEmbedRequest, toEmbedResponse } from './ollama-embed.ts'
import { OllamaStreamAssembler } from './ollama-stream.ts'
import { toEndpoint } from './openai-endpoint.ts'
import type { Endpoint } from './openai-endpoint.ts'

type Operation = {
  readonly toRequest: (body: unknown, endpoint: Endpoint) => ModelCallRequest
  readonly toResponse: (response: unknown) => ModelCallResponse
}

const EMBED: Operation = { toRequest: toEmbedRequest, toResponse: toEmbedResponse }

/** The requests that a model answers; `pull`, `create` and the like take the same way. */
const STREAMABLE = new Map<unknown, Operation>([
  ['chat', { toRequest: toChatRequest, toResponse }],
  ['generate', { toRequest: toGenerateRequest, toResponse }],
])

/**
 * Ollama's client, for Node and for browsers, and the instance that the module itself exports.
 *
 * @example
 * ollamaTap.matches(new Ollama()) // true
 */
export const ollamaTap: ProviderTap = {
  name: 'ollama',
  matches: (client) => typeof at(client, 'processStreamableRequest') === 'function',
  install: (client, options) => {
    const wrapping = { client: client as UnknownRecord, options }
    return [
      tapStreamable(wrapping),
      ...['embed', 'embeddings'].map((name) =>
        tapMethod(wrapping.client, name, describe(EMBED, wrapping)),
      ),
      ...(options.propagate === true ? [propagateTrace(wrapping.client)] : []),
    ]
  },
}

/**
 * Records what an Ollama client asks of models: `chat`, `generate`, `embed` and `embeddings`. Returns
 * the very same client.
 *
 * @example
 * const ollama = wrapOllama(new Ollama({ host: 'http://127.0.0.1:11434' }))
 */
export function wrapOllama<T extends object>(client: T, options: WrapOptions = {}): T {
  return wrapWith(ollamaTap, client, options)
}

type Wrapping = { readonly client: UnknownRecord; readonly options: WrapOptions }

/**
 * `chat` and `generate` send their requests through an inner method. They wait for its promise
 * themselves, so listening to that changes nothing for the application.
 */
function tapStreamable(wrapping: Wrapping): Restore {
  return tapMethod(wrapping.client, 'processStreamableRequest', ([endpoint, body], runtime) => {
    const operation = STREAMABLE.get(endpoint)
    return operation === undefined ? undefined : describe(operation, wrapping)([body], runtime)
  })
}

/** Sends the call's trace context along with each request; the client's `fetch` gets plain headers. */
function propagateTrace(client: UnknownRecord): Restore {
  const send = client['fetch']
  if (typeof send !== 'function') return () => undefined
  return override(client, 'fetch', (url: unknown, init: unknown, ...rest: unknown[]) => {
    const headers = new Headers(asRecord(init)?.['headers'] as Record<string, string> | undefined)
    addTraceHeaders(headers)
    return Reflect.apply(send, undefined, [url, { ...asRecord(init), headers }, ...rest]) as unknown
  })
}

function describe(operation: Operation, { client, options }: Wrapping): Describe {
  return ([body], { content }) => {
    const host = asString(asRecord(client['config'])?.['host'])
    const endpoint = toEndpoint(host, options.provider ?? 'ollama')
    return {
      request: readRequest((given) => operation.toRequest(given, endpoint), body),
      defaults: toDefaults(options),
      readResponse: operation.toResponse,
      observeStream: () => new OllamaStreamAssembler(content.maxBytes),
    }
  }
}

function at(client: object, key: string): unknown {
  return (client as UnknownRecord)[key]
}

export type { WrapOptions } from '../tap/provider-tap.ts'
