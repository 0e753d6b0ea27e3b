import { randomBytes } from 'node:crypto'
import { encodeTraces, type SpanInput } from './otlp-encode.ts'

type Step = {
  name: string
  /** Name of the step it hangs under; the root when left out. */
  under?: string
  from: number
  to: number
  attributes: Record<string, string | number | boolean>
  fails?: string
}
type Attributes = Step['attributes']

export type TicketTrace = {
  traceId: string
  /** Span ids by name; a name that comes twice has the last. */
  ids: Record<string, string>
  spans: SpanInput[]
  encode: (spans?: SpanInput[]) => Buffer
}

const SYSTEM =
  'Answer only from the passages below.\nUse up to 24 passages. Prefer recent ones.\nIf unsure, offer a human handover.'
const QUESTION =
  "Order [ORDER_ID] came with one of two lamps missing. I'd rather have my money back than wait. You can reach me at [EMAIL]."
const ANSWER =
  "I'm sorry the second lamp didn't arrive. You can have a refund for it without returning the first one.\n\nIt goes back to your card in **3 to 5 days**, or to store credit at once. Which do you prefer?"

/**
 * The trace of the design's picture: an agent that answers a ticket in 8.4 s, with a search that
 * times out and is tried again, a streamed draft that calls a tool, and two judges.
 */
export function ticketTrace(
  startMs: number,
  {
    retrySlowdownMs = 3_000,
    session = 's_1qz9',
  }: { retrySlowdownMs?: number; session?: string } = {},
): TicketTrace {
  const traceId = randomBytes(16).toString('hex')
  const ids: Record<string, string> = {}
  const rootId = randomBytes(8).toString('hex')
  const spans = stepsOf(retrySlowdownMs).map((step): SpanInput => {
    const spanId = step.name === 'answer_ticket' ? rootId : randomBytes(8).toString('hex')
    const parent = step.under === undefined ? rootId : ids[step.under]
    ids[step.name] = spanId
    return {
      traceId,
      spanId,
      ...(spanId === rootId || parent === undefined ? {} : { parentSpanId: parent }),
      name: step.name,
      kind: 1,
      startMs: startMs + step.from,
      endMs: startMs + step.to,
      attributes: {
        ...step.attributes,
        'gen_ai.conversation.id': session,
        'user.id': 'u_4f20',
        ...(step.fails === undefined ? {} : { 'error.type': step.fails }),
      },
      ...(step.fails === undefined
        ? {}
        : { status: { code: 2, message: `search_kb gave no answer: ${step.fails}` } }),
    }
  })
  const resource = { 'service.name': 'support-chat', 'service.version': '2026.11.22-3' }
  return { traceId, ids, spans, encode: (some = spans) => encodeTraces({ resource, spans: some }) }
}

function stepsOf(lateMs: number): Step[] {
  const at = (ms: number): number => ms + lateMs
  return [...firstSteps(lateMs), ...retrievalSteps(lateMs, at), ...draftSteps(at), ...lastSteps(at)]
}

type At = (ms: number) => number

function firstSteps(lateMs: number): Step[] {
  return [
    { name: 'answer_ticket', from: 0, to: 5_400 + lateMs, attributes: operation('invoke_agent') },
    { name: 'guard_input', from: 20, to: 110, attributes: kind('guardrail') },
    {
      name: 'classify_intent',
      from: 130,
      to: 560,
      attributes: {
        ...chat('gpt-5-mini', { input: 412, output: 11, ttftMs: 310 }),
        ...messages([['user', QUESTION]], 'refund_partial'),
      },
    },
  ]
}

function retrievalSteps(lateMs: number, at: At): Step[] {
  return [
    { name: 'retrieve', from: 580, to: at(2_480), attributes: operation('retrieval') },
    {
      name: 'embed_query',
      under: 'retrieve',
      from: 600,
      to: 680,
      attributes: {
        ...operation('embeddings'),
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'text-embedding-3-small',
        'gen_ai.usage.input_tokens': 31,
      },
    },
    ...(lateMs > 0
      ? [
          {
            name: 'search_kb',
            under: 'retrieve',
            from: 700,
            to: 700 + lateMs,
            attributes: tool('search_kb'),
            fails: 'timeout',
          },
        ]
      : []),
    {
      name: 'search_kb',
      under: 'retrieve',
      from: at(950),
      to: at(2_020),
      attributes: tool('search_kb'),
    },
    {
      name: 'rerank',
      under: 'retrieve',
      from: at(2_040),
      to: at(2_460),
      attributes: kind('reranker'),
    },
  ]
}

function draftSteps(at: At): Step[] {
  return [
    {
      name: 'draft_answer',
      from: at(2_610),
      to: at(5_010),
      attributes: {
        ...chat('claude-sonnet-4-5', { input: 9_204, output: 118, ttftMs: 700, cached: 4_112 }),
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: SYSTEM }]),
        ...messages([['user', QUESTION]], ANSWER),
      },
    },
    {
      name: 'lookup_order',
      under: 'draft_answer',
      from: at(3_020),
      to: at(3_200),
      attributes: {
        ...tool('lookup_order'),
        'gen_ai.tool.call.arguments': '{"order":"[ORDER_ID]"}',
        'gen_ai.tool.call.result': '{"lamps_ordered":2,"lamps_shipped":1}',
      },
    },
  ]
}

function lastSteps(at: At): Step[] {
  return [
    { name: 'guard_output', from: at(5_030), to: at(5_120), attributes: kind('guardrail') },
    ...['judge_faithfulness', 'judge_helpfulness'].map((name, index) => ({
      name,
      from: at(5_120),
      to: at(5_340 - index * 30),
      attributes: {
        ...chat('gpt-5-mini', { input: 3_100, output: 59, ttftMs: 100 }),
        ...kind('evaluator'),
      },
    })),
    { name: 'write_ticket', from: at(5_130), to: at(5_220), attributes: tool('postgres') },
    {
      name: 'insert messages',
      under: 'write_ticket',
      from: at(5_140),
      to: at(5_170),
      attributes: tool('insert'),
    },
    {
      name: 'notify',
      under: 'write_ticket',
      from: at(5_180),
      to: at(5_210),
      attributes: tool('queue'),
    },
    { name: 'flush', from: at(5_360), to: at(5_400), attributes: tool('flush') },
  ]
}

function operation(name: string): Attributes {
  return { 'gen_ai.operation.name': name }
}

function kind(name: string): Attributes {
  return { 'openinference.span.kind': name.toUpperCase() }
}

function tool(name: string): Attributes {
  return { ...operation('execute_tool'), 'gen_ai.tool.name': name }
}

function chat(
  model: string,
  {
    input,
    output,
    ttftMs,
    cached = 0,
  }: Record<'input' | 'output' | 'ttftMs', number> & { cached?: number },
): Attributes {
  return {
    ...operation('chat'),
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
    'gen_ai.response.model': model,
    'gen_ai.request.stream': true,
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.usage.cache_read.input_tokens': cached,
    'gen_ai.response.time_to_first_chunk': ttftMs / 1_000,
  }
}

function messages(input: [role: string, content: string][], output: string): Attributes {
  const message = (role: string, content: string): object => ({
    role,
    parts: [{ type: 'text', content }],
  })
  return {
    'gen_ai.input.messages': JSON.stringify(input.map(([role, content]) => message(role, content))),
    'gen_ai.output.messages': JSON.stringify([
      { ...message('assistant', output), finish_reason: 'stop' },
    ]),
  }
}
