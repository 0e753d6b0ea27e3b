import type { Random } from '../../simulator/random.ts'
import type { SpanInput } from '../otlp-encode.ts'

/** One request of the invented company, as its services would send it. */
export type StoryTrace = { service: string; spans: SpanInput[] }
export type Moment = {
  at: number
  /** The knowledge base has become slow and passages many. */
  isIncident: boolean
}

type Attributes = NonNullable<SpanInput['attributes']>
type Child = {
  name: string
  ms: number
  kind: string
  attributes?: Attributes
  error?: { type: string; message: string }
}

const SYSTEM =
  'You answer customers of a lamp shop.\nAnswer only from the passages below.\nUse up to 24 passages. Prefer recent ones.\nIf unsure, offer a human handover.'
const QUESTIONS = [
  "Order [ORDER_ID] came with one of two lamps missing. I'd rather have my money back than wait. You can reach me at [EMAIL].",
  'The lamp I got flickers after ten minutes. Is that covered?',
  'Can I pay a part of my order with store credit?',
  'Where is my parcel? The tracking page has said the same for a week.',
]
const ANSWER =
  "I'm sorry the second lamp didn't arrive. You can have a refund for it without returning the first one. [1]\n\nIt goes back to your card in **3 to 5 days**, or to store credit at once. [2] Which do you prefer?"
const PASSAGES = [
  { title: 'Refunds after a partial shipment', score: 0.88 },
  { title: 'How store credit is applied', score: 0.81 },
  { title: 'Warehouse opening hours 2019', score: 0.31 },
]
const TIMEOUT = { type: 'timeout', message: 'search_kb did not answer within 3000 ms' }
const RATE_LIMIT = { type: '429', message: 'Rate limit reached for claude-sonnet-4-5' }
const SCHEMA = {
  type: 'schema',
  message: 'The answer does not match the schema: reason is missing',
}

/** Draws one request; the same stream gives the same one. */
export function drawTrace(random: Random, moment: Moment): StoryTrace {
  const kind = random.uniform()
  if (kind < 0.55) return answerTicket(random, moment)
  if (kind < 0.75) return classifyIntent(random, moment)
  if (kind < 0.9) return summarizeThread(random, moment)
  return embedQuery(random, moment)
}

function answerTicket(random: Random, { at, isIncident }: Moment): StoryTrace {
  const trace = new TraceBuilder(random, at)
  const root = trace.open('answer_ticket', {
    kind: 'agent',
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'answer_ticket',
      'user.id': `u_${(random.integer(4_000) + 4_096).toString(16)}`,
      'gen_ai.conversation.id': `s_${random.integer(90_000) + 10_000}`,
    },
  })
  const step: Step = { trace, root, random, isIncident }
  trace.child(root, { name: 'guard_input', ms: random.logNormal(90, 0.2), kind: 'guardrail' })
  trace.child(root, { name: 'route', ms: random.logNormal(120, 0.25), kind: 'chain' })
  const error = retrieve(step) ?? draftAnswer(step)
  if (error === undefined) {
    trace.child(root, { name: 'lookup_order', ms: random.logNormal(180, 0.3), kind: 'tool' })
    trace.child(root, { name: 'guard_output', ms: random.logNormal(80, 0.2), kind: 'guardrail' })
    trace.child(root, { name: 'write_ticket', ms: random.logNormal(60, 0.3), kind: 'tool' })
  }
  trace.close(root, error)
  return trace.done('support-api')
}

type Step = { trace: TraceBuilder; root: SpanInput; random: Random; isIncident: boolean }

/** A search that times out is tried once more, mostly with success. */
function retrieve({ trace, root, random, isIncident }: Step): Failure | undefined {
  const passages = isIncident ? 24 : 8
  const span = trace.open('retrieve', {
    kind: 'retriever',
    attributes: { 'retriever.k': passages },
    parent: root,
  })
  trace.child(span, {
    name: 'embed_query',
    ms: random.logNormal(70, 0.2),
    kind: 'embedding',
    attributes: embeddingCall(random),
  })
  const hasTimedOut = random.uniform() < (isIncident ? 0.28 : 0.012)
  if (hasTimedOut) trace.child(span, { ...searchTool(passages), ms: 3_000, error: TIMEOUT })
  if (hasTimedOut && random.uniform() < 0.3) {
    trace.close(span)
    return TIMEOUT
  }
  const searchMs = isIncident ? random.logNormal(2_600, 0.25) : random.logNormal(620, 0.35)
  trace.child(span, { ...searchTool(passages), ms: searchMs })
  const rerankMs = random.logNormal(passages * 17, 0.2)
  trace.child(span, { name: 'rerank', ms: rerankMs, kind: 'reranker' })
  trace.close(span)
  return undefined
}

function draftAnswer({ trace, root, random, isIncident }: Step): Failure | undefined {
  const failure = random.uniform()
  const error = failure < 0.006 ? RATE_LIMIT : failure < 0.01 ? SCHEMA : undefined
  const input = Math.round((isIncident ? 9_100 : 3_600) * random.logNormal(1, 0.12))
  trace.child(root, {
    name: 'draft_answer',
    ms: error === RATE_LIMIT ? 300 : random.logNormal(isIncident ? 2_500 : 1_900, 0.25),
    kind: 'llm',
    attributes: {
      ...chat('anthropic', 'claude-sonnet-4-5', {
        input,
        cached: Math.round(input * 0.26),
        output: 90 + random.integer(60),
        ttft: random.logNormal(0.7, 0.25),
      }),
      ...conversation(random),
      'sightline.prompt.name': 'support-answer',
      'sightline.prompt.version': isIncident ? 'v14' : 'v13',
    },
    ...(error === undefined ? {} : { error }),
  })
  return error
}

function classifyIntent(random: Random, { at }: Moment): StoryTrace {
  const trace = new TraceBuilder(random, at)
  const root = trace.open('classify_intent', { kind: 'llm', attributes: intentCall(random) })
  trace.pass(random.logNormal(430, 0.25))
  trace.close(root, random.uniform() < 0.004 ? SCHEMA : undefined)
  return trace.done('triage')
}

function summarizeThread(random: Random, { at }: Moment): StoryTrace {
  const trace = new TraceBuilder(random, at)
  const root = trace.open('summarize_thread', { kind: 'chain' })
  trace.child(root, {
    name: 'summarize',
    ms: random.logNormal(1_900, 0.3),
    kind: 'llm',
    attributes: chat('gcp.gemini', 'gemini-2.5-flash', {
      input: Math.round(6_200 * random.logNormal(1, 0.15)),
      output: 300 + random.integer(160),
      ttft: random.logNormal(0.5, 0.2),
    }),
  })
  trace.close(root)
  return trace.done('digest')
}

function embedQuery(random: Random, { at }: Moment): StoryTrace {
  const trace = new TraceBuilder(random, at)
  const attributes = embeddingCall(random)
  const root = trace.open('embed_query', { kind: 'embedding', attributes })
  trace.pass(random.logNormal(60, 0.2))
  trace.close(root)
  return trace.done('search')
}

function searchTool(passages: number): Omit<Child, 'ms'> {
  return {
    name: 'search_kb',
    kind: 'tool',
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'search_kb',
      'gen_ai.tool.call.arguments': JSON.stringify({
        query: 'refund partial shipment',
        k: passages,
      }),
      'gen_ai.tool.call.result': JSON.stringify(PASSAGES),
    },
  }
}

function intentCall(random: Random): Attributes {
  return chat('openai', 'gpt-5-mini', { input: 380 + random.integer(90), output: 9, ttft: 0.26 })
}

function embeddingCall(random: Random): Attributes {
  return {
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'text-embedding-3-small',
    'gen_ai.usage.input_tokens': 38 + random.integer(12),
  }
}

type Usage = { input: number; output: number; ttft: number; cached?: number }

function chat(provider: string, model: string, usage: Usage): Attributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'gen_ai.response.model': model,
    'gen_ai.request.temperature': 0.2,
    'gen_ai.request.stream': true,
    'gen_ai.response.time_to_first_chunk': Math.round(usage.ttft * 1_000) / 1_000,
    'gen_ai.usage.input_tokens': usage.input,
    'gen_ai.usage.output_tokens': usage.output,
    ...(usage.cached === undefined ? {} : { 'gen_ai.usage.cache_read.input_tokens': usage.cached }),
  }
}

function conversation(random: Random): Attributes {
  const text = (role: string, content: string, rest = {}) => ({
    role,
    parts: [{ type: 'text', content }],
    ...rest,
  })
  const toolCall = {
    role: 'assistant',
    parts: [
      { type: 'tool_call', id: 'call_1', name: 'search_kb', arguments: { query: 'refund', k: 24 } },
    ],
  }
  const toolResult = {
    role: 'tool',
    parts: [{ type: 'tool_call_response', id: 'call_1', response: PASSAGES }],
  }
  return {
    'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: SYSTEM }]),
    'gen_ai.input.messages': JSON.stringify([
      text('user', random.pick(QUESTIONS)),
      toolCall,
      toolResult,
    ]),
    'gen_ai.output.messages': JSON.stringify([
      text('assistant', ANSWER, { finish_reason: 'end_turn' }),
    ]),
    'gen_ai.response.finish_reasons': 'end_turn',
  }
}

type Failure = NonNullable<Child['error']>
type Opened = { kind: string; attributes?: Attributes; parent?: SpanInput }

/** Spans one after another from an instant on; a closed span ends where time stands. */
class TraceBuilder {
  readonly #random: Random
  readonly #traceId: string
  readonly #spans: SpanInput[] = []
  #now: number

  constructor(random: Random, at: number) {
    this.#random = random
    this.#traceId = this.#hex(32)
    this.#now = at
  }

  open(name: string, { kind, attributes = {}, parent }: Opened): SpanInput {
    const span: SpanInput = {
      traceId: this.#traceId,
      spanId: this.#hex(16),
      ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
      name,
      startMs: this.#now,
      endMs: this.#now,
      attributes: { 'sightline.kind': kind, ...attributes },
    }
    this.#spans.push(span)
    return span
  }

  close(span: SpanInput, error?: Failure): void {
    span.endMs = this.#now
    if (error === undefined) return
    span.status = { code: 2, message: error.message }
    span.attributes = { ...span.attributes, 'error.type': error.type }
  }

  child(parent: SpanInput, { name, ms, kind, attributes, error }: Child): void {
    const span = this.open(name, {
      kind,
      parent,
      ...(attributes === undefined ? {} : { attributes }),
    })
    this.pass(ms)
    this.close(span, error)
    this.pass(3)
  }

  pass(ms: number): void {
    this.#now += Math.round(ms)
  }

  done(service: string): StoryTrace {
    return { service, spans: this.#spans }
  }

  #hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += (1 + this.#random.integer(15)).toString(16)
    return text
  }
}
