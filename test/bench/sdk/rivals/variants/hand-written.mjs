// A bare OpenTelemetry span written by hand around each call, with the attributes that ours carries.
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import OpenAI from 'openai'

export function setUpWith(exporter, fetch) {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'bench' }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  })
  const tracer = provider.getTracer('hand-written', '1.0.0')
  const client = new OpenAI({ apiKey: 'k', fetch })
  return {
    openai: {
      chat: { completions: { create: (params) => chat(tracer, client, params) } },
      embeddings: { create: (params) => embed(tracer, client, params) },
    },
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  }
}

function startSpan(tracer, operation, { model, stream, messages, tools, input, ...params }) {
  const attributes = {
    'sightline.kind': operation === 'chat' ? 'llm' : 'embedding',
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
    'server.address': 'api.openai.com',
    'server.port': 443,
    'sightline.sdk.version': '0.1.0',
  }
  if (operation === 'chat') attributes['openai.api.type'] = 'chat_completions'
  if (stream === true) attributes['gen_ai.request.stream'] = true
  if (params.max_tokens !== undefined) attributes['gen_ai.request.max_tokens'] = params.max_tokens
  if (params.temperature !== undefined)
    attributes['gen_ai.request.temperature'] = params.temperature
  if (messages !== undefined)
    attributes['gen_ai.input.messages'] = JSON.stringify(messages.map(toMessage))
  if (input !== undefined)
    attributes['gen_ai.input.messages'] = JSON.stringify([
      { role: 'user', parts: [{ type: 'text', content: input }] },
    ])
  if (tools !== undefined)
    attributes['gen_ai.tool.definitions'] = JSON.stringify(
      tools.map(({ type, function: { name, description, parameters } }) => ({
        type,
        name,
        description,
        parameters,
      })),
    )
  return tracer.startSpan(`${operation} ${model}`, { kind: SpanKind.CLIENT, attributes })
}

function toMessage({ role, content, tool_calls: calls = [], tool_call_id: id }) {
  const parts = []
  if (role === 'tool') parts.push({ type: 'tool_call_response', id, response: content })
  else if (typeof content === 'string' && content !== '') parts.push({ type: 'text', content })
  for (const call of calls) {
    const { name, arguments: text } = call.function
    parts.push({ type: 'tool_call', id: call.id, name, arguments: JSON.parse(text) })
  }
  return { role, parts }
}

async function chat(tracer, client, params) {
  const span = startSpan(tracer, 'chat', params)
  try {
    const answer = await context.with(trace.setSpan(context.active(), span), () =>
      client.chat.completions.create(params),
    )
    if (params.stream === true) return watch(answer, span, performance.now())
    describe(span, answer)
    span.end()
    return answer
  } catch (error) {
    fail(span, error)
    throw error
  }
}

async function* watch(stream, span, startedAt) {
  let last
  let usage
  let text = ''
  let finish = null
  let firstAt
  try {
    for await (const chunk of stream) {
      last = chunk
      usage = chunk.usage ?? usage
      const choice = chunk.choices[0]
      const content = choice?.delta.content
      if (typeof content === 'string' && content !== '') {
        firstAt ??= performance.now()
        text += content
      }
      finish = choice?.finish_reason ?? finish
      yield chunk
    }
    const choices = [{ finish_reason: finish, message: { role: 'assistant', content: text } }]
    describe(span, { ...last, choices, usage })
    span.setAttributes({
      'sightline.stream.state': 'complete',
      'gen_ai.response.time_to_first_chunk': (firstAt - startedAt) / 1_000,
    })
    span.end()
  } catch (error) {
    fail(span, error)
    throw error
  }
}

async function embed(tracer, client, params) {
  const span = startSpan(tracer, 'embeddings', params)
  try {
    const answer = await client.embeddings.create(params)
    span.setAttributes({
      'gen_ai.response.model': answer.model,
      'sightline.usage.source': 'provider',
      'gen_ai.usage.input_tokens': answer.usage.prompt_tokens,
      'sightline.embeddings.count': answer.data.length,
      'gen_ai.embeddings.dimension.count': answer.data[0].embedding.length,
    })
    span.end()
    return answer
  } catch (error) {
    fail(span, error)
    throw error
  }
}

function describe(span, { id, model, choices, usage, ...answer }) {
  span.setAttributes({
    'gen_ai.response.id': id,
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': choices.map((choice) => choice.finish_reason),
    'openai.response.service_tier': answer.service_tier,
    'openai.response.system_fingerprint': answer.system_fingerprint,
    'sightline.usage.source': 'provider',
    'gen_ai.usage.input_tokens': usage.prompt_tokens,
    'gen_ai.usage.audio.input_tokens': usage.prompt_tokens_details.audio_tokens,
    'gen_ai.usage.audio.output_tokens': usage.completion_tokens_details.audio_tokens,
    'gen_ai.usage.output_tokens': usage.completion_tokens,
    'gen_ai.usage.cache_read.input_tokens': usage.prompt_tokens_details.cached_tokens,
    'gen_ai.usage.reasoning.output_tokens': usage.completion_tokens_details.reasoning_tokens,
    'gen_ai.output.messages': JSON.stringify(
      choices.map((choice) => ({
        ...toMessage(choice.message),
        finish_reason: choice.finish_reason,
      })),
    ),
  })
}

function fail(span, error) {
  span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
  span.end()
}
