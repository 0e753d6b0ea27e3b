import { randomBytes } from 'node:crypto'
import { encodeTraces, type SpanInput } from './otlp-encode.ts'
import { postTraces } from './span-load.ts'

export type SeededTrace = { traceId: string; startMs: number }
type SeedOptions = {
  count: number
  /** Start of the newest; the others lie `everyMs` apart before it. */
  newestMs: number
  everyMs: number
  /** Number of the newest, which decides what it is like. */
  first?: number
}

const MODELS = ['gpt-4o-mini', 'gpt-4.1-mini', 'gpt-5-mini']
const SERVICES = [
  { 'service.name': 'chat', 'service.version': '1.0.0' },
  { 'service.name': 'billing', 'service.version': '2.0.0', 'deployment.environment.name': 'prod' },
]
const FAILED = { code: 2, message: 'the tool did not answer' }

/** Sends traces of an agent, a model call and at times a tool: newest first, all of them different. */
export async function seedTraces(url: string, options: SeedOptions): Promise<SeededTrace[]> {
  const { count, newestMs, everyMs, first = 0 } = options
  const seeded = Array.from({ length: count }, (_, at) => ({
    index: first + at,
    traceId: randomBytes(16).toString('hex'),
    startMs: newestMs - at * everyMs,
  }))
  for (const [at, resource] of SERVICES.entries()) {
    const spans = seeded.filter(({ index }) => index % 2 === at).flatMap(spansOf)
    if (spans.length > 0) await post(url, encodeTraces({ resource, spans }))
  }
  return seeded.map(({ traceId, startMs }) => ({ traceId, startMs }))
}

export async function sendSpan(url: string, span: Omit<SpanInput, 'spanId'>): Promise<void> {
  const spanId = randomBytes(8).toString('hex')
  await post(url, encodeTraces({ resource: SERVICES[0] ?? {}, spans: [{ ...span, spanId }] }))
}

async function post(url: string, body: Buffer): Promise<void> {
  const answer = await postTraces(url, body)
  if (answer.status !== 200 || answer.body.length > 2) {
    throw new Error(`the collector answered ${answer.status}: ${answer.body.toString()}`)
  }
}

function spansOf({ index, traceId, startMs }: SeededTrace & { index: number }): SpanInput[] {
  const durationMs = 150 + ((index * 397) % 6_000)
  const isFailed = index % 10 === 3
  const hasTool = index % 5 === 1
  const root: SpanInput = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: index === 5 ? '=HYPERLINK("http://x"), "of all"' : `answer ${index % 4}`,
    startMs,
    endMs: startMs + durationMs,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'user.id': `u-${index % 7}`,
      'gen_ai.conversation.id': `s-${index % 50}`,
      ...(isFailed ? { 'error.type': 'timeout' } : {}),
    },
    ...(isFailed ? { status: FAILED } : {}),
  }
  const child = { traceId, parentSpanId: root.spanId, startMs: startMs + 10 }
  const spans = [root, { ...child, ...chatSpan(index), endMs: startMs + durationMs - 20 }]
  if (hasTool) spans.push({ ...child, ...toolSpan(index), endMs: startMs + 60 })
  return spans
}

function chatSpan(index: number): Pick<SpanInput, 'spanId' | 'name' | 'attributes'> {
  const model = MODELS[index % MODELS.length] ?? ''
  const subject = index % 25 === 0 ? 'a refund for two lamps' : 'the weather'
  const messages = [{ role: 'user', parts: [{ type: 'text', content: `About ${subject}` }] }]
  return {
    spanId: randomBytes(8).toString('hex'),
    name: `chat ${model}`,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': 100 + index * 3,
      'gen_ai.usage.output_tokens': 10 + (index % 90),
      'gen_ai.input.messages': JSON.stringify(messages),
      'app.tier': index % 3 === 0 ? 'gold' : 'silver',
    },
  }
}

function toolSpan(index: number): Pick<SpanInput, 'spanId' | 'name' | 'attributes' | 'status'> {
  const hasFailed = index % 15 === 1
  return {
    spanId: randomBytes(8).toString('hex'),
    name: 'execute_tool search_kb',
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search_kb' },
    ...(hasFailed ? { status: FAILED } : {}),
  }
}
