import { startHeldProvider } from './held-provider.ts'
import type { HeldProvider } from './matrix-case.ts'

/** Streams of a role, "one", " two" and " three", which then hang. */
export function startHeldOpenAI(): Promise<HeldProvider> {
  return startHeldProvider((path) => {
    // Not a stream, but a body that begins and never ends.
    if (path === '/v1/completions') return { contentType: 'application/json', parts: ['{"id":'] }
    const parts = path.includes('/responses') ? RESPONSE_PARTS : CHAT_PARTS
    return { contentType: 'text/event-stream', parts }
  })
}

const DELTAS = [
  { role: 'assistant', content: '' },
  ...['one', ' two', ' three'].map((content) => ({ content })),
]

const CHAT_PARTS = DELTAS.map((delta) => {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: null }]
  const chunk = { id: 'chatcmpl-held', object: 'chat.completion.chunk', created: 1 }
  return `data: ${JSON.stringify({ ...chunk, model: 'gpt-held-1', choices })}\n\n`
})

const HELD_RESPONSE = { id: 'resp_held', object: 'response', model: 'gpt-held-1', output: [] }

const RESPONSE_PARTS = [
  { type: 'response.created', response: { ...HELD_RESPONSE, status: 'in_progress' } },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: {
      id: 'msg_held',
      type: 'message',
      status: 'in_progress',
      role: 'assistant',
      content: [],
    },
  },
  {
    type: 'response.content_part.added',
    item_id: 'msg_held',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
  ...['one', ' two', ' three'].map((delta) => ({
    type: 'response.output_text.delta',
    item_id: 'msg_held',
    output_index: 0,
    content_index: 0,
    delta,
  })),
].map(
  (event, sequence_number) =>
    `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`,
)
