import { Ollama as Ollama6 } from 'ollama'
import type { Message, Tool } from 'ollama'
import { Ollama as OllamaBrowser6 } from 'ollama/browser'
import { Ollama as Ollama5 } from 'ollama5'
import { Ollama as OllamaBrowser5 } from 'ollama5/browser'
import { versionOf } from './client-version.ts'
import { startHeldProvider } from './held-provider.ts'
import type { Base, HeldProvider, MatrixClient } from './matrix-case.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'

export type Ollama = Ollama6

export type OllamaSetting = Base & {
  readonly client: Ollama
  /** The client for browsers. */
  readonly browserClient: Ollama
  /** A client of the provider whose streams never end. */
  readonly heldClient: Ollama
  /** A client of a port where nobody listens. */
  readonly deadClient: Ollama
  /** A client that asks the simulator for a behaviour. */
  readonly clientThat: (behaviour: string) => Ollama
  /** The instance that the module exports, made anew as for a process of its own. */
  readonly importDefault: () => Promise<Ollama>
}

// The cases use what both versions have in common.
const VERSIONS = [
  { name: 'ollama', Client: Ollama6, Browser: OllamaBrowser6 },
  {
    name: 'ollama5',
    Client: Ollama5 as unknown as typeof Ollama6,
    Browser: OllamaBrowser5 as unknown as typeof OllamaBrowser6,
  },
]

let imports = 0

export const OLLAMA_CLIENTS: readonly MatrixClient<OllamaSetting>[] = VERSIONS.map(
  ({ name, Client, Browser }) => ({
    label: `ollama ${versionOf(name)}`,
    open: (base) => ({
      ...base,
      client: base.prepare(new Client({ host: base.url })),
      browserClient: base.prepare(new Browser({ host: base.url })) as Ollama,
      heldClient: base.prepare(new Client({ host: base.held.url })),
      deadClient: base.prepare(new Client({ host: base.deadUrl })),
      clientThat: (behaviour) =>
        base.prepare(new Client({ host: base.url, headers: { 'x-sim-behaviour': behaviour } })),
      importDefault: async () => {
        imports += 1
        const file = new URL(`../../node_modules/${name}/dist/index.mjs`, import.meta.url)
        const module = (await import(/* @vite-ignore */ `${file.href}?${imports}`)) as {
          default: Ollama
        }
        Object.assign((module.default as unknown as { config: object }).config, { host: base.url })
        return base.prepare(module.default)
      },
    }),
  }),
)

export const MODEL = 'llama3.2'
export const QUESTION = 'How do I change the delivery address of order 1042? 🚚'

export function asking(content = QUESTION): { model: string; messages: Message[] } {
  return { model: MODEL, messages: [{ role: 'user', content }] }
}

export const TOOLS: Tool[] = [
  {
    type: 'function',
    function: {
      name: 'look_up_order',
      description: 'Finds an order',
      parameters: { type: 'object', properties: { id: { type: 'string' } } },
    },
  },
]

export function answerOf({ attributes }: ReceivedSpan): unknown {
  return JSON.parse(String(attributes['gen_ai.output.messages']))
}

export function questionOf({ attributes }: ReceivedSpan): unknown {
  return JSON.parse(String(attributes['gen_ai.input.messages']))
}

/** Streams of "one", " two" and " three", which then hang. */
export function startHeldOllama(): Promise<HeldProvider> {
  return startHeldProvider(() => ({ contentType: 'application/x-ndjson', parts: PARTS }))
}

const PARTS = ['one', ' two', ' three'].map((content) => {
  const line = { model: 'llama-held', message: { role: 'assistant', content }, done: false }
  return `${JSON.stringify(line)}\n`
})
