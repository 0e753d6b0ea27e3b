import { setImmediate } from 'node:timers/promises'
import type OpenAI from 'openai'
import type { HeldProvider } from './held-provider.ts'
import type { ReceivedSpan } from './otlp-receiver.ts'

/** What an application does with a client, once bare and once wrapped. */
export type SdkCase = {
  readonly name: string
  /** Answers everything the application sees, as data. */
  run(setting: Setting): Promise<unknown>
  readonly expected: ExpectedSpans
}

export type Setting = {
  readonly client: OpenAI
  /** A client of the provider whose streams never end. */
  readonly heldClient: OpenAI
  readonly held: HeldProvider
  /** A client of a port where nobody listens. */
  readonly deadClient: OpenAI
}

export type ExpectedSpans = {
  /** 1 unless given. */
  readonly count?: number
  readonly state?: string
  readonly errorType?: string
  readonly usage?: 'provider' | 'absent'
  readonly check?: (span: ReceivedSpan, outcome: never) => void
}

type CreateParams = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming
type StreamParams = OpenAI.Chat.ChatCompletionCreateParamsStreaming

export const QUESTION = 'How do I change the delivery address of order 1042? 🚚'

export function plainParams(more: Partial<CreateParams> = {}): CreateParams {
  return { model: 'gpt-4o-mini', messages: [{ role: 'user', content: QUESTION }], ...more }
}

export function streamParams(more: Partial<StreamParams> = {}): StreamParams {
  return {
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: QUESTION }],
    stream: true,
    stream_options: { include_usage: true },
    ...more,
  }
}

export const TOOLS: OpenAI.Chat.ChatCompletionFunctionTool[] = [
  {
    type: 'function',
    function: {
      name: 'look_up_order',
      description: 'Finds an order',
      parameters: { type: 'object', properties: { id: { type: 'string' } } },
    },
  },
]

/** Asks the simulator for a behaviour. */
export function behave(behaviour: string): { headers: Record<string, string> } {
  return { headers: { 'x-sim-behaviour': behaviour } }
}

/** What reading a stream shows, up to `limit` chunks. */
export async function readAll(
  stream: AsyncIterable<unknown>,
  limit = Infinity,
): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of stream) {
    chunks.push(chunk)
    if (chunks.length >= limit) break
  }
  return chunks
}

/** What an application can see of an error. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: error }
  const { name, message, constructor, ...fields } = error as Error & { headers?: Headers }
  return {
    class: constructor.name,
    name,
    message,
    keys: Object.keys(error),
    fields: JSON.parse(JSON.stringify(fields)) as unknown,
    headers: fields.headers === undefined ? null : Object.fromEntries(fields.headers),
    cause: error.cause instanceof Error ? error.cause.constructor.name : null,
  }
}

export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return { answered: await promise }
  } catch (error) {
    return describeError(error)
  }
}

/** What is left of a promise or a stream when its data is set aside: its class and its fields. */
export function shapeOf(value: object): unknown {
  return { class: value.constructor.name, keys: Object.keys(value) }
}

/** Lets everything that is ready run, without waiting for any time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}
