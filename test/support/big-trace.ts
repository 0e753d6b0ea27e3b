import { randomBytes } from 'node:crypto'
import { encodeTraces, type SpanInput } from './otlp-encode.ts'
import { postTraces } from './span-load.ts'

export type BigTrace = { traceId: string; rootId: string; lastId: string; startMs: number }

const STEP_SPANS = 10
const BATCH_SPANS = 1_000
const RESOURCE = { 'service.name': 'big-agent', 'service.version': '2026.11.22-3' }

/**
 * Sends one trace of `count` spans: an agent of many steps, each a model call, a retrieval and
 * tools, one of them failing and tried again. Resolves when all of it is stored.
 */
export async function sendBigTrace(
  url: string,
  { count, endMs }: { count: number; endMs: number },
): Promise<BigTrace> {
  const traceId = randomBytes(16).toString('hex')
  const spans = bigTraceSpans(traceId, count, endMs)
  for (let from = 0; from < spans.length; from += BATCH_SPANS) {
    const batch = spans.slice(from, from + BATCH_SPANS)
    const answer = await postTraces(url, encodeTraces({ resource: RESOURCE, spans: batch }))
    if (answer.status !== 200) {
      throw new Error(
        `spans ${from} and on were answered ${answer.status}: ${answer.body.toString()}`,
      )
    }
  }
  const [first, last] = [spans[0], spans.at(-1)]
  if (first === undefined || last === undefined) throw new Error(`a trace of ${count} spans`)
  return { traceId, rootId: first.spanId, lastId: last.spanId, startMs: first.startMs }
}

function bigTraceSpans(traceId: string, count: number, endMs: number): SpanInput[] {
  const startMs = endMs - count * 10
  const root = spanOf({ traceId, startMs, endMs, name: 'work_through_tickets' })
  root.attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support' }
  const spans = [root]
  let step = root
  for (let index = 0; spans.length < count; index += 1) {
    const at = startMs + index * 10
    if (index % STEP_SPANS === 0) {
      step = spanOf({
        traceId,
        startMs: at,
        endMs: at + 98,
        name: `step ${index / STEP_SPANS + 1}`,
      })
      step.parentSpanId = root.spanId
      spans.push(step)
    } else {
      const part = partOf(index)
      spans.push({ ...spanOf({ traceId, startMs: at, endMs: at + 9, ...part }), ...parentOf(step) })
    }
  }
  return spans
}

const parentOf = ({ spanId }: SpanInput): { parentSpanId: string } => ({ parentSpanId: spanId })

function spanOf(span: Omit<SpanInput, 'spanId'>): SpanInput {
  return { spanId: randomBytes(8).toString('hex'), kind: 1, ...span }
}

function partOf(index: number): Pick<SpanInput, 'name' | 'attributes' | 'status'> {
  switch (index % STEP_SPANS) {
    case 1:
      return {
        name: 'draft_answer',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': 'gpt-4o-mini',
          'gen_ai.usage.input_tokens': 900 + (index % 300),
          'gen_ai.usage.output_tokens': 80 + (index % 120),
          'gen_ai.response.time_to_first_chunk': 0.003,
          'gen_ai.request.stream': true,
        },
      }
    case 2:
      return { name: 'retrieve', attributes: { 'gen_ai.operation.name': 'retrieval' } }
    case 3:
      return {
        name: 'search_kb',
        attributes: toolOf('search_kb', index % 100 === 3 ? { 'error.type': 'timeout' } : {}),
        ...(index % 100 === 3 ? { status: { code: 2, message: 'no answer within 9 ms' } } : {}),
      }
    case 4:
      return { name: 'search_kb', attributes: toolOf('search_kb') }
    default:
      return { name: `lookup_order`, attributes: toolOf('lookup_order') }
  }
}

function toolOf(name: string, more: Record<string, string> = {}): Record<string, string> {
  return { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name, ...more }
}
