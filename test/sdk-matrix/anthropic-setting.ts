import Anthropic1 from '@anthropic-ai/sdk'
import Anthropic0 from 'anthropic0'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { versionOf } from './client-version.ts'
import { startHeldProvider } from './held-provider.ts'
import type { Base, HeldProvider, MatrixClient } from './matrix-case.ts'

export type Anthropic = InstanceType<typeof Anthropic1>
type ClientOptions = NonNullable<ConstructorParameters<typeof Anthropic1>[0]>

export type AnthropicSetting = Base & {
  readonly client: Anthropic
  /** A client of the provider whose streams never end. */
  readonly heldClient: Anthropic
  /** A client of a port where nobody listens. */
  readonly deadClient: Anthropic
  /** A client of the simulator with options of its own. */
  readonly clientOf: (options?: ClientOptions) => Anthropic
}

// The cases use what both majors have in common; their types differ in brands and in what is new.
const MAJORS = [
  { version: versionOf('@anthropic-ai/sdk'), Client: Anthropic1 },
  { version: versionOf('anthropic0'), Client: Anthropic0 as unknown as typeof Anthropic1 },
]

export const ANTHROPIC_CLIENTS: readonly MatrixClient<AnthropicSetting>[] = MAJORS.map(
  ({ version, Client }) => ({
    label: `anthropic ${version}`,
    open: (base) => {
      const clientAt = (url: string, options: ClientOptions = {}) =>
        base.prepare(new Client({ apiKey: 'key', baseURL: url, maxRetries: 0, ...options }))
      return {
        ...base,
        client: clientAt(base.url),
        heldClient: clientAt(base.held.url),
        deadClient: clientAt(base.deadUrl),
        clientOf: (options) => clientAt(base.url, options),
      }
    },
  }),
)

export const [NEWEST_LABEL = '', PREVIOUS_LABEL = ''] = ANTHROPIC_CLIENTS.map(({ label }) => label)

type CreateParams = Anthropic1.MessageCreateParamsNonStreaming
type StreamParams = Anthropic1.MessageCreateParamsStreaming

export const QUESTION = 'How do I change the delivery address of order 1042? 🚚'

export function plainParams(more: Partial<CreateParams> = {}): CreateParams {
  return {
    model: 'claude-sonnet-5-5',
    max_tokens: 1_000,
    messages: [{ role: 'user', content: QUESTION }],
    ...more,
  }
}

export function streamParams(more: Partial<StreamParams> = {}): StreamParams {
  const { stream: _, ...params } = plainParams()
  return { ...params, stream: true, ...more }
}

export const TOOLS: Anthropic1.Tool[] = [
  {
    name: 'look_up_order',
    description: 'Finds an order',
    input_schema: { type: 'object', properties: { id: { type: 'string' } } },
  },
]

export const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
} as const

/** Asks the simulator for a behaviour. */
export function behave(behaviour: string): { headers: Record<string, string> } {
  return { headers: { 'x-sim-behaviour': behaviour } }
}

export type Part = { readonly type: string; readonly [field: string]: unknown }
export type Said = { readonly role: string; readonly parts: readonly Part[] }

/** The messages of a span's attribute. */
export function messagesOf({ attributes }: ReceivedSpan, side: 'input' | 'output'): Said[] {
  const text = attributes[`gen_ai.${side}.messages`]
  return typeof text === 'string' ? (JSON.parse(text) as Said[]) : []
}

/** What the model said, part by part. */
export function partsOf(span: ReceivedSpan): readonly Part[] {
  return messagesOf(span, 'output').flatMap(({ parts }) => parts)
}

export function textIn(span: ReceivedSpan): string {
  return partsOf(span)
    .filter(({ type }) => type === 'text')
    .map(({ content }) => String(content))
    .join('')
}

const BEGINNING = {
  type: 'message_start',
  message: {
    id: 'msg_held',
    type: 'message',
    role: 'assistant',
    model: 'claude-held-1',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 1 },
  },
}

const HELD_EVENTS = [
  BEGINNING,
  {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'text', text: '', citations: null },
  },
  ...['one', ' two', ' three'].map((text) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text },
  })),
]

export async function startHeldAnthropic(): Promise<HeldProvider> {
  return startHeldProvider(() => ({
    contentType: 'text/event-stream',
    parts: HELD_EVENTS.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  }))
}
