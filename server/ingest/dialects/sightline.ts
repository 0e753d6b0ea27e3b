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
    toolArguments: [{ key: 'sightline.input', when: (view) => view.type === 'tool' }],
    toolResult: [{ key: 'sightline.output', when: (view) => view.type === 'tool' }],
    inputMessages: [{ key: 'sightline.input', when: (view) => view.type !== 'tool' }],
    outputMessages: [{ key: 'sightline.output', when: (view) => view.type !== 'tool' }],
  },
}
