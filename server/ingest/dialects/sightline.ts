import { SPAN_TYPES, type SpanType } from '../../contract/index.ts'
import type { Dialect } from './dialect.ts'

/** Our own SDK: OTel GenAI names (read by `gen-ai.ts`) and these. */
export const sightline: Dialect = {
  name: 'sightline',
  markers: ['sightline.kind'],
  scope: /^sightline$/,
  kinds: [
    {
      key: 'sightline.kind',
      types: Object.fromEntries(SPAN_TYPES.map((type) => [type, type])) as Record<string, SpanType>,
    },
  ],
  fields: {
    task: ['sightline.task'],
    tags: ['sightline.tags'],
    // Spans of functions carry these as well, and have no operation that would make them GenAI spans.
    sessionId: ['gen_ai.conversation.id'],
    promptName: ['gen_ai.prompt.name'],
    promptVersion: ['gen_ai.prompt.version'],
    toolArguments: [{ key: 'sightline.input', when: (view) => view.type === 'tool' }],
    toolResult: [{ key: 'sightline.output', when: (view) => view.type === 'tool' }],
    inputMessages: [{ key: 'sightline.input', when: (view) => view.type !== 'tool' }],
    outputMessages: [{ key: 'sightline.output', when: (view) => view.type !== 'tool' }],
  },
  // Said by the SDK and searched by their own names; only what an application adds is not known.
  consumedPrefixes: [
    'sightline.',
    'gen_ai.prompt.variable.',
    'gen_ai.request.',
    'gen_ai.output.type',
    'gen_ai.embeddings.',
    'gen_ai.retrieval.',
    'gen_ai.tool.',
    'gen_ai.usage.image.output_tokens',
    'gen_ai.usage.audio.seconds',
    'server.',
    'openai.',
    'anthropic.',
    'ollama.',
    'gcp.gen_ai.',
  ],
}
