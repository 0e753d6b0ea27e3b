import { randomBytes } from 'node:crypto'
import { encodeTraces } from './otlp-encode.ts'
import { postTraces } from './span-load.ts'

export type ChatCalls = {
  count: number
  /** The last one ends here, the first up to `spreadMs` before. */
  endMs: number
  spreadMs?: number
  /** Duration of a call by its number. */
  durationMs: (index: number) => number
}

/** Sends calls of one model, a trace each; throws unless all are stored. */
export async function sendChatCalls(url: string, calls: ChatCalls): Promise<void> {
  const { count, endMs, spreadMs = 10_000, durationMs } = calls
  const spans = Array.from({ length: count }, (_, index) => {
    const end = endMs - Math.round((spreadMs * (count - 1 - index)) / count)
    return {
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      name: 'chat gpt-4o-mini',
      startMs: end - durationMs(index),
      endMs: end,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.usage.input_tokens': 300 + index,
        'gen_ai.usage.output_tokens': 40,
      },
    }
  })
  const body = encodeTraces({ resource: { 'service.name': 'chat' }, spans })
  const answer = await postTraces(url, body)
  if (answer.status !== 200 || answer.body.length > 2) {
    throw new Error(`the collector answered ${answer.status}: ${answer.body.toString()}`)
  }
}
