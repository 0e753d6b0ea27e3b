import { GoogleGenAI as GoogleGenAI3 } from '@google/genai'
import type { CallableTool, FunctionCall, GenerateContentConfig, Part } from '@google/genai'
import { GoogleGenAI as GoogleGenAI2 } from 'genai2'
import { versionOf } from './client-version.ts'
import { startHeldProvider } from './held-provider.ts'
import type { Base, HeldProvider, MatrixClient } from './matrix-case.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'

export type GoogleGenAI = GoogleGenAI3
type HttpOptions = NonNullable<
  NonNullable<ConstructorParameters<typeof GoogleGenAI3>[0]>['httpOptions']
>

export type GoogleSetting = Base & {
  readonly client: GoogleGenAI
  /** A client of Vertex AI. */
  readonly vertex: GoogleGenAI
  /** A client of the provider whose streams never end. */
  readonly heldClient: GoogleGenAI
  /** A client of a port where nobody listens. */
  readonly deadClient: GoogleGenAI
  /** A client of the simulator, or of the provider at `url`, with options of its own. */
  readonly clientOf: (options: HttpOptions, url?: string) => GoogleGenAI
}

// The cases use what both majors have in common; their types differ only in private fields.
const MAJORS = [
  { version: versionOf('@google/genai'), Client: GoogleGenAI3 },
  { version: versionOf('genai2'), Client: GoogleGenAI2 as unknown as typeof GoogleGenAI3 },
]

export const GENAI_3 = `@google/genai ${versionOf('@google/genai')}`
export const GENAI_2 = `@google/genai ${versionOf('genai2')}`

export const GOOGLE_CLIENTS: readonly MatrixClient<GoogleSetting>[] = MAJORS.map(
  ({ version, Client }) => ({
    label: `@google/genai ${version}`,
    open: (base) => {
      const clientAt = (baseUrl: string, options: HttpOptions = {}) =>
        base.prepare(new Client({ apiKey: 'key', httpOptions: { baseUrl, ...options } }))
      return {
        ...base,
        client: clientAt(base.url),
        vertex: base.prepare(
          new Client({ vertexai: true, apiKey: 'key', httpOptions: { baseUrl: base.url } }),
        ),
        heldClient: clientAt(base.held.url),
        deadClient: clientAt(base.deadUrl),
        clientOf: (options, url = base.url) => clientAt(url, options),
      }
    },
  }),
)

export const MODEL = 'gemini-2.5-flash'
export const QUESTION = 'How do I change the delivery address of order 1042? 🚚'

type Params = { model: string; contents: string; config: GenerateContentConfig }

export function asking(config: GenerateContentConfig = {}): Params {
  return { model: MODEL, contents: QUESTION, config }
}

/** Asks the simulator for a behaviour. */
export function behave(behaviour: string, more: GenerateContentConfig = {}): GenerateContentConfig {
  return { ...more, httpOptions: { headers: { 'x-sim-behaviour': behaviour } } }
}

export const DECLARATION = {
  name: 'look_up_order',
  description: 'Finds an order',
  parametersJsonSchema: { type: 'object', properties: { id: { type: 'string' } } },
}

/** A tool that the client itself calls; `asked` collects with what. */
export function callableTool(asked: FunctionCall[]): CallableTool {
  return {
    tool: async () => ({ functionDeclarations: [DECLARATION] }),
    callTool: async (calls): Promise<Part[]> => {
      asked.push(...calls)
      return calls.map(({ name = '' }) => ({
        functionResponse: { name, response: { found: true } },
      }))
    },
  }
}

export function answerOf({ attributes }: ReceivedSpan): unknown {
  return JSON.parse(String(attributes['gen_ai.output.messages']))
}

export function questionOf({ attributes }: ReceivedSpan): unknown {
  return JSON.parse(String(attributes['gen_ai.input.messages']))
}

/** Streams of "one", " two" and " three", which then hang. */
export function startHeldGoogle(): Promise<HeldProvider> {
  return startHeldProvider(() => ({ contentType: 'text/event-stream', parts: PARTS }))
}

const PARTS = ['one', ' two', ' three'].map((text) => {
  const candidates = [{ content: { role: 'model', parts: [{ text }] }, index: 0 }]
  const chunk = { candidates, modelVersion: 'gemini-held-1', responseId: 'held' }
  return `data: ${JSON.stringify(chunk)}\r\n\r\n`
})
