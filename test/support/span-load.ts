import { randomBytes } from 'node:crypto'
import { request, type Agent } from 'node:http'
import { encodeTraces, type SpanInput } from './otlp-encode.ts'

const PROMPT =
  'A customer writes about an order that arrived with one of two lamps missing and asks for the money back. '
const MODELS = ['gpt-4o-mini', 'gpt-4.1-mini', 'gpt-5-mini']

/** Spans of about 2.8 KB protobuf, as an instrumented chat call sends them, five to a trace. */
export function makeSpans(
  count: number,
  { endMs, seed = 0 }: { endMs: number; seed?: number },
): SpanInput[] {
  const spans: SpanInput[] = []
  let traceId = ''
  for (let index = 0; index < count; index += 1) {
    if (index % 5 === 0) traceId = randomBytes(16).toString('hex')
    spans.push(makeSpan(traceId, { index: index + seed, endMs }))
  }
  return spans
}

function makeSpan(traceId: string, { index, endMs }: { index: number; endMs: number }): SpanInput {
  const model = MODELS[index % MODELS.length] ?? 'gpt-4o-mini'
  const durationMs = 200 + ((index * 37) % 4_000)
  const content = `${PROMPT.repeat(10)}${index}`
  return {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: `chat ${model}`,
    startMs: endMs - durationMs,
    endMs: endMs - (index % 20),
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': model,
      'gen_ai.response.model': model,
      'gen_ai.response.id': `chatcmpl-${index}`,
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.max_tokens': 800,
      'gen_ai.usage.input_tokens': 900 + (index % 300),
      'gen_ai.usage.output_tokens': 80 + (index % 120),
      'gen_ai.usage.cache_read.input_tokens': 256,
      'gen_ai.response.time_to_first_chunk': 0.31,
      'gen_ai.request.stream': true,
      'gen_ai.conversation.id': `s-${index % 500}`,
      'user.id': `u-${index % 200}`,
      'gen_ai.input.messages': JSON.stringify([
        { role: 'user', parts: [{ type: 'text', content }] },
      ]),
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [{ type: 'text', content: PROMPT.repeat(8) }],
          finish_reason: 'stop',
        },
      ]),
    },
  }
}

export const LOAD_RESOURCE = {
  'service.name': 'load',
  'service.version': '1.0.0',
  'deployment.environment.name': 'bench',
  'telemetry.sdk.language': 'nodejs',
}

export function encodeLoad(spans: SpanInput[]): Buffer {
  return encodeTraces({ resource: LOAD_RESOURCE, scope: { name: 'load' }, spans })
}

/** Posts one body; resolves with the status, rejects when the connection breaks. */
export function postTraces(
  url: string,
  body: Buffer,
  { agent, headers = {} }: { agent?: Agent; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: Buffer; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}/v1/traces`,
      {
        method: 'POST',
        ...(agent === undefined ? {} : { agent }),
        headers: {
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts),
            headers: response.headers,
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
