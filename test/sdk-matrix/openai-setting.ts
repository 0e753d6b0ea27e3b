import OpenAI7, { AzureOpenAI as AzureOpenAI7 } from 'openai'
import { zodResponseFormat as zodFormat7 } from 'openai/helpers/zod'
import OpenAI6, { AzureOpenAI as AzureOpenAI6 } from 'openai6'
import { zodResponseFormat as zodFormat6 } from 'openai6/helpers/zod'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { versionOf } from './client-version.ts'
import type { Base, MatrixClient } from './matrix-case.ts'

export type OpenAI = InstanceType<typeof OpenAI7>
type ClientOptions = ConstructorParameters<typeof OpenAI7>[0]

export type OpenAISetting = Base & {
  readonly client: OpenAI
  /** A client of the provider whose streams never end. */
  readonly heldClient: OpenAI
  /** A client of a port where nobody listens. */
  readonly deadClient: OpenAI
  readonly azure: OpenAI
  /** A client of the simulator with options of its own; `path` stands before the usual paths. */
  readonly clientOf: (options?: ClientOptions, path?: string) => OpenAI
  readonly zodFormat: typeof zodFormat7
  /** Options of `wrap` for the clients that `clientOf` makes from then on. */
  readonly wrapOptions: { current: object }
}

// The cases use what both majors have in common; their types differ only in brands of private fields.
const MAJORS = [
  { version: versionOf('openai'), Client: OpenAI7, Azure: AzureOpenAI7, zodFormat: zodFormat7 },
  {
    version: versionOf('openai6'),
    Client: OpenAI6 as unknown as typeof OpenAI7,
    Azure: AzureOpenAI6 as unknown as typeof AzureOpenAI7,
    zodFormat: zodFormat6 as unknown as typeof zodFormat7,
  },
]

/** The label of the previous major. */
export const OPENAI_6 = `openai ${versionOf('openai6')}`

export const OPENAI_CLIENTS: readonly MatrixClient<OpenAISetting>[] = MAJORS.map(
  ({ version, Client, Azure, zodFormat }) => ({
    label: `openai ${version}`,
    open: (base) => {
      const wrapOptions = { current: {} }
      const clientAt = (url: string, options: ClientOptions = {}) =>
        base.prepare(
          new Client({ apiKey: 'key', baseURL: url, maxRetries: 0, ...options }),
          wrapOptions.current,
        )
      return {
        ...base,
        wrapOptions,
        zodFormat,
        client: clientAt(`${base.url}/v1`),
        heldClient: clientAt(`${base.held.url}/v1`),
        deadClient: clientAt(`${base.deadUrl}/v1`),
        azure: base.prepare(
          new Azure({
            apiKey: 'key',
            endpoint: base.url,
            apiVersion: '2025-04-01-preview',
            maxRetries: 0,
          }),
        ),
        clientOf: (options = {}, path = '/v1') => clientAt(base.url + path, options),
      }
    },
  }),
)

type CreateParams = OpenAI7.Chat.ChatCompletionCreateParamsNonStreaming
type StreamParams = OpenAI7.Chat.ChatCompletionCreateParamsStreaming

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

/** Parameters of the `.stream()` helper, which sets `stream` itself. */
export function helperParams(more: Partial<StreamParams> = {}): Omit<StreamParams, 'stream'> {
  const { stream: _, ...params } = streamParams(more)
  return params
}

export const TOOLS: OpenAI7.Chat.ChatCompletionFunctionTool[] = [
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

/** A stream that will not end by itself. */
export async function openHeld({ heldClient }: OpenAISetting) {
  return await heldClient.chat.completions.create(streamParams())
}

export function answerOf({ attributes }: ReceivedSpan): unknown {
  return JSON.parse(String(attributes['gen_ai.output.messages']))
}
