import type { SightlineContext } from '../core/context.ts'
import {
  modelRequestAttributes,
  modelResponseAttributes,
  startAttributes,
} from '../core/model-call.ts'
import type { ModelCallRequest, ModelCallResponse } from '../core/model-call.ts'
import { asRecord, asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import type { Runtime } from '../core/runtime.ts'
import type { CallDescription, StreamObserver } from '../tap/call-recorder.ts'
import { defineHidden } from '../core/define-hidden.ts'
import { traceCall } from '../tap/trace-call.ts'
import { ChatStreamAssembler } from './openai-chat-stream.ts'
import { toChatRequest, toChatResponse } from './openai-chat.ts'
import { toEmbeddingsRequest, toEmbeddingsResponse } from './openai-embeddings.ts'
import { toEndpoint } from './openai-endpoint.ts'
import type { Endpoint } from './openai-endpoint.ts'
import type { Digest } from './openai-messages.ts'

export type WrapOptions = {
  /** OpenTelemetry's provider name, where the client's base URL does not say who answers. */
  readonly provider?: string
  /** Session of this client's calls unless `withContext` names another. */
  readonly session?: string
  /** User of this client's calls unless `withContext` names another. */
  readonly user?: string
}

/** How one endpoint's requests and responses are read. */
type Operation = {
  readonly name: string
  readonly toRequest: (body: unknown, endpoint: Endpoint, digest?: Digest) => ModelCallRequest
  readonly toResponse: (response: unknown) => ModelCallResponse
}

const CHAT: Operation = { name: 'chat', toRequest: toChatRequest, toResponse: toChatResponse }
const EMBEDDINGS: Operation = {
  name: 'embeddings',
  toRequest: toEmbeddingsRequest,
  toResponse: toEmbeddingsResponse,
}

const restoreByClient = new WeakMap<object, () => void>()

/** True for an OpenAI client of any version, Azure's included, and for clients of the same shape. */
export function isOpenAI(client: unknown): boolean {
  return (
    typeof asRecord(asRecord(asRecord(client)?.['chat'])?.['completions'])?.['create'] ===
    'function'
  )
}

/**
 * Records the client's chat completions and embeddings; returns the very same client.
 *
 * @example
 * const openai = wrapOpenAI(new OpenAI())
 */
export function wrapOpenAI<T extends object>(client: T, options: WrapOptions = {}): T {
  if (restoreByClient.has(client) || !isOpenAI(client)) return client
  const fields: UnknownRecord = client as UnknownRecord
  const restores = [
    wrapCreate(asRecord(asRecord(fields['chat'])?.['completions']), {
      client: fields,
      options,
      operation: CHAT,
    }),
    wrapCreate(asRecord(fields['embeddings']), { client: fields, options, operation: EMBEDDINGS }),
    wrapClone(client, options),
  ]
  restoreByClient.set(client, () => {
    for (const restore of restores) restore()
  })
  return client
}

/** Takes `wrapOpenAI` off again; returns the very same client. */
export function unwrapOpenAI<T extends object>(client: T): T {
  restoreByClient.get(client)?.()
  restoreByClient.delete(client)
  return client
}

type Wrapping = {
  readonly client: UnknownRecord
  readonly options: WrapOptions
  readonly operation: Operation
}

function wrapCreate(resource: UnknownRecord | undefined, wrapping: Wrapping): () => void {
  const create = resource?.['create']
  if (resource === undefined || typeof create !== 'function') return () => undefined
  return override(resource, 'create', function tracedCreate(this: unknown, ...args: unknown[]) {
    return traceCall(
      (runtime) => describeCall(args[0], wrapping, runtime),
      () => Reflect.apply(create, this, args),
    )
  })
}

/** `withOptions` makes another client, whose calls are the application's just as well. */
function wrapClone(client: object, options: WrapOptions): () => void {
  const withOptions = (client as UnknownRecord)['withOptions']
  if (typeof withOptions !== 'function') return () => undefined
  return override(
    client,
    'withOptions',
    function tracedWithOptions(this: unknown, ...args: unknown[]) {
      const clone: unknown = Reflect.apply(withOptions, this, args)
      return typeof clone === 'object' && clone !== null ? wrapOpenAI(clone, options) : clone
    },
  )
}

function override(target: object, key: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, key)
  defineHidden(target, key, value)
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, key)
    else Object.defineProperty(target, key, own)
  }
}

function describeCall(
  body: unknown,
  { client, options, operation }: Wrapping,
  { content, digest }: Runtime,
): CallDescription {
  // Applications go on pushing to the array of messages that they passed.
  const request = copyRequest(body)
  const endpoint = toEndpoint(asString(client['baseURL']), options.provider)
  const { provider } = endpoint
  const model = asString(request['model'])
  const isStream = request['stream'] === true
  const toAttributes = (response: unknown) =>
    modelResponseAttributes(operation.toResponse(response), { provider, policy: content })
  return {
    spanName: model === undefined ? operation.name : `${operation.name} ${model}`,
    startAttributes: startAttributes({
      operation: operation.name,
      ...endpoint,
      ...(model === undefined ? {} : { model }),
      isStream,
      parameters: {},
    }),
    defaults: toDefaults(options),
    requestAttributes: () =>
      modelRequestAttributes(operation.toRequest(request, endpoint, digest), content),
    responseAttributes: toAttributes,
    observeStream: () => observeChatStream(content.maxBytes, toAttributes),
  }
}

function observeChatStream(
  maxChars: number,
  toAttributes: (completion: unknown) => ReturnType<CallDescription['responseAttributes']>,
): StreamObserver {
  const assembler = new ChatStreamAssembler(maxChars)
  return {
    add: (chunk) => assembler.add(chunk),
    attributes: () => toAttributes(assembler.toCompletion()),
  }
}

function copyRequest(body: unknown): UnknownRecord {
  const request = asRecord(body) ?? {}
  const messages = request['messages']
  return Array.isArray(messages) ? { ...request, messages: [...messages] } : { ...request }
}

function toDefaults({ session, user }: WrapOptions): SightlineContext {
  return {
    ...(session === undefined ? {} : { session }),
    ...(user === undefined ? {} : { user }),
  }
}

export { chatRequestAttributes, chatResponseAttributes } from './openai-chat.ts'
export type { ChatAttributeOptions } from './openai-chat.ts'
