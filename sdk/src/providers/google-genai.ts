import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asRecord, asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { tapMethod } from '../tap/override.ts'
import type { Describe, Restore } from '../tap/override.ts'
import { toDefaults, wrapWith } from '../tap/provider-tap.ts'
import type { ProviderTap, WrapOptions } from '../tap/provider-tap.ts'
import { readRequest } from '../tap/read-request.ts'
import type { AbortFlag } from '../tap/tap-stream.ts'
import { toGenerateRequest, toGenerateResponse } from './google-genai-generate.ts'
import {
  toEmbedRequest,
  toEmbedResponse,
  toImageRequest,
  toImageResponse,
} from './google-genai-media.ts'
import { keepContext, propagateTrace, tapAttempts } from './google-genai-requests.ts'
import { GenerateStreamAssembler } from './google-genai-stream.ts'
import { toEndpoint } from './openai-endpoint.ts'
import type { Endpoint } from './openai-endpoint.ts'

type Operation = {
  readonly toRequest: (params: unknown, endpoint: Endpoint) => ModelCallRequest
  readonly toResponse: (response: unknown) => ModelCallResponse
}

const GENERATE: Operation = {
  toRequest: (params, endpoint) => toGenerateRequest(params, endpoint, false),
  toResponse: toGenerateResponse,
}
const STREAM: Operation = {
  toRequest: (params, endpoint) => toGenerateRequest(params, endpoint, true),
  toResponse: toGenerateResponse,
}
const EMBED: Operation = { toRequest: toEmbedRequest, toResponse: toEmbedResponse }
const IMAGE: Operation = { toRequest: toImageRequest, toResponse: toImageResponse }

/** What the application calls, and how it is read. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  generateContent: GENERATE,
  generateContentStream: STREAM,
  embedContent: EMBED,
  generateImages: IMAGE,
  editImage: IMAGE,
  upscaleImage: IMAGE,
}

/**
 * Google GenAI's client, for the Gemini API and for Vertex AI.
 *
 * @example
 * googleGenAITap.matches(new GoogleGenAI({})) // true
 */
export const googleGenAITap: ProviderTap = {
  name: 'google-genai',
  matches: (client) => typeof modelsOf(client)?.['generateContent'] === 'function',
  install: (client, options) => {
    const models = modelsOf(client)
    const wrapping = { client: client as UnknownRecord, options }
    return [
      ...Object.entries(OPERATIONS).map(([name, operation]) =>
        tapRequests(models, name, describe(operation, wrapping)),
      ),
      keepContext(models),
      tapAttempts(wrapping.client),
      ...(options.propagate === true ? [propagateTrace(wrapping.client)] : []),
    ]
  },
}

/**
 * Records what a Google GenAI client asks of models: `generateContent` and `generateContentStream`,
 * also through chats, `embedContent` and the image methods. Returns the very same client.
 *
 * @example
 * const ai = wrapGoogleGenAI(new GoogleGenAI({ apiKey }))
 */
export function wrapGoogleGenAI<T extends object>(client: T, options: WrapOptions = {}): T {
  return wrapWith(googleGenAITap, client, options)
}

/**
 * Each method sends its requests through an inner one. That is where a request is one call: automatic
 * function calling and continuation send several from one method, each with a usage of its own. And
 * since the method itself awaits the inner promise, listening to it changes nothing for the application.
 */
function tapRequests(
  models: UnknownRecord | undefined,
  name: string,
  describing: Describe,
): Restore {
  const inner = `${name}Internal`
  return tapMethod(models, typeof models?.[inner] === 'function' ? inner : name, describing)
}

type Wrapping = { readonly client: UnknownRecord; readonly options: WrapOptions }

function describe(operation: Operation, { client, options }: Wrapping): Describe {
  return ([params], { content }) => {
    const config = asRecord(asRecord(params)?.['config'])
    const endpoint = endpointOf(client, config, options)
    return {
      request: readRequest((given) => operation.toRequest(given, endpoint), params),
      defaults: toDefaults(options),
      signal: isAbortFlag(config?.['abortSignal']) ? config['abortSignal'] : NEVER,
      readResponse: operation.toResponse,
      observeStream: () => new GenerateStreamAssembler(content.maxBytes),
    }
  }
}

/** The client's own timeout ends in the same error as an abort. */
const NEVER: AbortFlag = { aborted: false }

function isAbortFlag(value: unknown): value is AbortFlag {
  return typeof asRecord(value)?.['aborted'] === 'boolean'
}

function endpointOf(
  client: UnknownRecord,
  config: UnknownRecord | undefined,
  { provider }: WrapOptions,
): Endpoint {
  const clientOptions = asRecord(asRecord(client['apiClient'])?.['clientOptions'])
  const baseUrl =
    asString(asRecord(config?.['httpOptions'])?.['baseUrl']) ??
    asString(asRecord(clientOptions?.['httpOptions'])?.['baseUrl'])
  const usual = client['vertexai'] === true ? 'gcp.vertex_ai' : 'gcp.gemini'
  return toEndpoint(baseUrl, provider ?? usual)
}

function modelsOf(client: object): UnknownRecord | undefined {
  return asRecord((client as UnknownRecord)['models'])
}

export type { WrapOptions } from '../tap/provider-tap.ts'
