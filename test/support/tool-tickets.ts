import { randomBytes } from 'node:crypto'
import { encodeTraces, type SpanInput } from './otlp-encode.ts'
import { postTraces } from './span-load.ts'

export type ToolTickets = {
  count: number
  fromMs: number
  toMs: number
  /** How long the tool under suspicion takes. */
  toolMs: (index: number) => number
  toolName?: string
}

const RESOURCE = { 'service.name': 'support', 'service.version': '1.9.0' }

/** Sends whole traces: an agent that plans, asks one tool, looks a customer up and answers. */
export async function sendToolTickets(url: string, tickets: ToolTickets): Promise<void> {
  const { count, fromMs, toMs } = tickets
  const spans = Array.from({ length: count }, (_, index) =>
    ticketSpans(fromMs + ((toMs - fromMs) * index) / count, index, tickets),
  )
  const answer = await postTraces(url, encodeTraces({ resource: RESOURCE, spans: spans.flat() }))
  if (answer.status !== 200 || answer.body.length > 2) {
    throw new Error(`the collector answered ${answer.status}: ${answer.body.toString()}`)
  }
}

function ticketSpans(startMs: number, index: number, tickets: ToolTickets): SpanInput[] {
  const { toolMs, toolName = 'search_kb' } = tickets
  const traceId = randomBytes(16).toString('hex')
  const rootId = randomBytes(8).toString('hex')
  let at = startMs + 5
  const step = (
    name: string,
    ms: number,
    attributes: Record<string, string | number>,
  ): SpanInput => {
    const span = { name, startMs: at, endMs: at + ms, attributes, traceId, parentSpanId: rootId }
    at += ms + 5
    return { ...span, spanId: randomBytes(8).toString('hex') }
  }
  const tool = (name: string) => ({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
  })
  const chat = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.usage.input_tokens': 300 + index,
    'gen_ai.usage.output_tokens': 40,
  }
  const children = [
    step('chat gpt-4o-mini', 300 + (index % 7) * 20, chat),
    step(`execute_tool ${toolName}`, toolMs(index), tool(toolName)),
    step('execute_tool find_customer', 120 + (index % 5) * 10, tool('find_customer')),
    step('chat gpt-4o-mini', 500 + (index % 11) * 30, chat),
  ]
  const root: SpanInput = {
    traceId,
    spanId: rootId,
    name: 'invoke_agent answer_ticket',
    startMs,
    endMs: at,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'answer_ticket' },
  }
  return [...children, root]
}
