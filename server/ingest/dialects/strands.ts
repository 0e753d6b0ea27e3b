import { parseJsonText, toText } from '../attribute-text.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isTool } from './span-type.ts'

/** Strands Agents: OTel's names; messages and a tool's data in span events of Bedrock's blocks. */
export const strands: Dialect = {
  name: 'strands',
  markers: ['gen_ai.event.start_time', 'event_loop.cycle_id'],
  scope: /^strands(\.|-agents|$)/,
  fields: {
    ttft: [{ key: 'gen_ai.server.time_to_first_token', unit: 'ms' }],
    failed: [
      {
        key: 'gen_ai.tool.status',
        read: (view) => toText(view.value('gen_ai.tool.status')) === 'error' || undefined,
      },
    ],
    toolArguments: [
      'gen_ai.tool.call.arguments',
      { key: 'event gen_ai.tool.message', when: isTool, read: (view) => told(view, 'input') },
    ],
    toolResult: [
      'gen_ai.tool.call.result',
      { key: 'event gen_ai.choice', when: isTool, read: (view) => told(view, 'output') },
    ],
  },
  providerIsFramework: true,
}

const EVENTS = {
  input: ['gen_ai.tool.message', 'content'],
  output: ['gen_ai.choice', 'message'],
} as const

function told(view: DialectView, side: 'input' | 'output'): unknown {
  const [name, key] = EVENTS[side]
  const event = view.span.events.find((one) => one.name === name)
  const value = event?.attributes.find((attribute) => attribute.key === key)?.value
  if (typeof value !== 'string') return undefined
  return side === 'input' ? value : resultOf(parseJsonText(value) ?? value)
}

/** One block of text or JSON is that text or value. */
function resultOf(blocks: unknown): unknown {
  const [only, ...others] = Array.isArray(blocks) ? (blocks as unknown[]) : []
  if (typeof only !== 'object' || only === null || others.length > 0) return blocks
  const { text, json } = only as Record<string, unknown>
  return text ?? json ?? blocks
}
