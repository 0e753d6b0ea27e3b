import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import type { StreamObserver } from '../tap/call-recorder.ts'
import { overrideMethod, tapMethod } from '../tap/override.ts'
import type { Describe, Restore } from '../tap/override.ts'
import { propagateTrace } from '../tap/propagate.ts'
import { toDefaults, wrapWith } from '../tap/provider-tap.ts'
import type { ProviderTap, WrapOptions } from '../tap/provider-tap.ts'
import { readRequest } from '../tap/read-request.ts'
import { tapRetries } from '../tap/tap-retries.ts'
import { ChatStreamAssembler } from './openai-chat-stream.ts'
import { toChatRequest, toChatResponse } from './openai-chat.ts'
import { toCompletionsRequest, toCompletionsResponse } from './openai-completions.ts'
import { toEmbeddingsRequest, toEmbeddingsResponse } from './openai-embeddings.ts'
import { toEndpoint } from './openai-endpoint.ts'
import type { Endpoint } from './openai-endpoint.ts'
import { MediaStreamAssembler } from './openai-media-stream.ts'
import {
  toImageEditRequest,
  toImageRequest,
  toImageResponse,
  toSpeechRequest,
  toSpeechResponse,
  toTranscriptionRequest,
  toTranscriptionResponse,
  toTranslationRequest,
} from './openai-media.ts'
import { toModerationRequest, toModerationResponse } from './openai-moderations.ts'
import { ResponsesStreamAssembler } from './openai-responses-stream.ts'
import { toConversationId, toResponsesRequest, toResponsesResponse } from './openai-responses.ts'
import { forceStreamUsage } from './openai-stream-usage.ts'

/** How one endpoint's requests and responses are read. */
type Operation = {
  /** The method on the client. Helpers call these too, so that their calls are recorded once. */
  readonly path: readonly string[]
  /** What of the arguments is the request; undefined for calls that are none to a model. */
  readonly toBody?: (args: readonly unknown[]) => unknown
  readonly toRequest: (body: unknown, endpoint: Endpoint) => ModelCallRequest
  readonly toResponse: (response: unknown) => ModelCallResponse
  readonly observe: (maxChars: number) => StreamObserver
}

const observeMedia = (maxChars: number) => new MediaStreamAssembler(maxChars)

function observeChoices(toResponse: Operation['toResponse']) {
  return (maxChars: number): StreamObserver => {
    const assembler = new ChatStreamAssembler(maxChars)
    return {
      add: (chunk) => assembler.add(chunk),
      response: () => toResponse(assembler.toCompletion()),
    }
  }
}

const RESPONSES = {
  toRequest: toResponsesRequest,
  toResponse: toResponsesResponse,
  observe: (maxChars: number) => new ResponsesStreamAssembler(maxChars),
}

const TRANSCRIPTIONS = { toResponse: toTranscriptionResponse, observe: observeMedia }
const IMAGES = { toResponse: toImageResponse, observe: observeMedia }

const OPERATIONS: readonly Operation[] = [
  {
    path: ['chat', 'completions', 'create'],
    toRequest: toChatRequest,
    toResponse: toChatResponse,
    observe: observeChoices(toChatResponse),
  },
  { path: ['responses', 'create'], ...RESPONSES },
  { path: ['responses', 'retrieve'], ...RESPONSES, toBody: toStreamedRetrieval },
  { path: ['beta', 'responses', 'create'], ...RESPONSES },
  { path: ['beta', 'responses', 'retrieve'], ...RESPONSES, toBody: toStreamedRetrieval },
  {
    path: ['completions', 'create'],
    toRequest: toCompletionsRequest,
    toResponse: toCompletionsResponse,
    observe: observeChoices(toCompletionsResponse),
  },
  {
    path: ['embeddings', 'create'],
    toRequest: toEmbeddingsRequest,
    toResponse: toEmbeddingsResponse,
    observe: observeMedia,
  },
  { path: ['images', 'generate'], ...IMAGES, toRequest: toImageRequest },
  { path: ['images', 'edit'], ...IMAGES, toRequest: toImageEditRequest },
  { path: ['images', 'createVariation'], ...IMAGES, toRequest: toImageEditRequest },
  {
    path: ['audio', 'speech', 'create'],
    toRequest: toSpeechRequest,
    toResponse: toSpeechResponse,
    observe: observeMedia,
  },
  {
    path: ['audio', 'transcriptions', 'create'],
    ...TRANSCRIPTIONS,
    toRequest: toTranscriptionRequest,
  },
  { path: ['audio', 'translations', 'create'], ...TRANSCRIPTIONS, toRequest: toTranslationRequest },
  {
    path: ['moderations', 'create'],
    toRequest: toModerationRequest,
    toResponse: toModerationResponse,
    observe: observeMedia,
  },
]

/** Reading a stored response is no call to a model; following one that runs in the background is. */
function toStreamedRetrieval([, query]: readonly unknown[]): unknown {
  return asRecord(query)?.['stream'] === true ? { stream: true } : undefined
}

/**
 * OpenAI clients of any version, Azure's included, and clients of the same shape.
 *
 * @example
 * openaiTap.matches(new OpenAI()) // true
 */
export const openaiTap: ProviderTap = {
  name: 'openai',
  matches: (client) => typeof at(client, ['chat', 'completions'])?.['create'] === 'function',
  install: (target, options) => {
    const client = target as UnknownRecord
    const describe = describeFor(client, options)
    return [
      ...(options.forceStreamUsage === true
        ? [forceStreamUsage(at(client, ['chat', 'completions']))]
        : []),
      ...OPERATIONS.map((operation) =>
        tapMethod(
          at(client, operation.path.slice(0, -1)),
          operation.path.at(-1) ?? '',
          describe(operation),
        ),
      ),
      tapRetries(client),
      ...(options.propagate === true ? [propagateTrace(client)] : []),
      tapClones(client, options),
    ]
  },
}

/**
 * Records what an OpenAI or Azure OpenAI client asks: chat completions, responses, completions,
 * embeddings, images, audio and moderations; returns the very same client.
 *
 * @example
 * const openai = wrapOpenAI(new OpenAI())
 */
export function wrapOpenAI<T extends object>(client: T, options: WrapOptions = {}): T {
  return wrapWith(openaiTap, client, options)
}

function describeFor(client: UnknownRecord, options: WrapOptions) {
  const endpointOf = rememberEndpoint(client, options)
  const defaults = toDefaults(options)
  // Azure's client may name the model once for all calls.
  const deployment = asText(client['deploymentName'])
  return ({ toBody, toRequest, toResponse, observe }: Operation): Describe =>
    (args, { content }) => {
      const body = toBody === undefined ? args[0] : toBody(args)
      if (body === undefined && toBody !== undefined) return undefined
      const request = readRequest((given) => toRequest(given, endpointOf()), body)
      const conversation = toConversationId(body)
      return {
        request:
          request.model === undefined && deployment !== undefined
            ? { ...request, model: deployment }
            : request,
        defaults: conversation === undefined ? defaults : { session: conversation, ...defaults },
        readResponse: toResponse,
        observeStream: () => observe(content.maxBytes),
      }
    }
}

/** Reading an address takes longer than all the rest, and it hardly ever changes. */
function rememberEndpoint(client: UnknownRecord, { provider }: WrapOptions): () => Endpoint {
  const whoseClient = 'deploymentName' in client ? 'azure.ai.openai' : 'openai'
  let known: { readonly baseURL: unknown; readonly endpoint: Endpoint } | undefined
  return () => {
    const baseURL = client['baseURL']
    if (known === undefined || known.baseURL !== baseURL) {
      known = { baseURL, endpoint: toEndpoint(asString(baseURL), provider, whoseClient) }
    }
    return known.endpoint
  }
}

/** `withOptions` makes another client, whose calls are the application's just as well. */
function tapClones(client: object, options: WrapOptions): Restore {
  const withOptions = (client as UnknownRecord)['withOptions']
  if (typeof withOptions !== 'function') return () => undefined
  return overrideMethod(client, 'withOptions', function traced(this: unknown, ...args: unknown[]) {
    const clone: unknown = Reflect.apply(withOptions, this, args)
    return typeof clone === 'object' && clone !== null ? wrapOpenAI(clone, options) : clone
  })
}

function at(client: object, path: readonly string[]): UnknownRecord | undefined {
  return path.reduce<UnknownRecord | undefined>(
    (value, key) => asRecord(value?.[key]),
    asRecord(client),
  )
}

export type { WrapOptions } from '../tap/provider-tap.ts'
