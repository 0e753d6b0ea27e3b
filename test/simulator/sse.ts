import { usageBody } from './wire.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatRequest, Choice } from './wire.ts'

/** One event of a stream and the instant, after the request, at which it is sent. */
export type StreamEvent = { data: string; atMs: number }

/** The whole stream of a call, as the provider would send it, `[DONE]` included. */
export function streamEvents(call: SimulatedCall, request: ChatRequest): StreamEvent[] {
  const deltas = interleaveChoices(call.choices.map(choiceDeltas))
  const isBroken = call.behaviour === 'break' || call.behaviour === 'error-event'
  const sentCount = isBroken ? Math.ceil(deltas.length * call.breakAfterShare) : deltas.length
  const stepMs = (call.durationMs - call.ttftMs) / Math.max(1, deltas.length - 1)
  const headersAtMs = call.ttftMs / 2

  const events: StreamEvent[] = call.choices.map((choice) =>
    eventOf(chunk(call, [startOf(choice)]), headersAtMs),
  )
  for (const [position, delta] of deltas.slice(0, sentCount).entries()) {
    events.push(eventOf(chunk(call, [delta]), call.ttftMs + position * stepMs))
  }
  if (call.behaviour === 'error-event') {
    events.push(eventOf(STREAM_ERROR, events.at(-1)?.atMs ?? headersAtMs))
  }
  if (isBroken) return events

  for (const { index, finishReason } of call.choices) {
    const end = { index, delta: {}, logprobs: null, finish_reason: finishReason }
    events.push(eventOf(chunk(call, [end]), call.durationMs))
  }
  if (request.stream_options?.include_usage === true) {
    events.push(eventOf({ ...chunk(call, []), usage: usageBody(call.usage) }, call.durationMs))
  }
  events.push({ data: '[DONE]', atMs: call.durationMs })
  return events

  function eventOf(body: Record<string, unknown>, atMs: number): StreamEvent {
    const hasUsageField = request.stream_options?.include_usage === true && !('error' in body)
    return { data: JSON.stringify(hasUsageField ? { ...NO_USAGE, ...body } : body), atMs }
  }
}

/** With `include_usage` each chunk but the last says `usage: null`. */
const NO_USAGE = { usage: null }

const STREAM_ERROR = {
  error: {
    message: 'The model stopped in the middle of the answer.',
    type: 'server_error',
    param: null,
    code: null,
  },
}

/** The plain, not streamed, answer. */
export function completionBody(call: SimulatedCall): Record<string, unknown> {
  return {
    id: call.id,
    object: 'chat.completion',
    created: call.created,
    model: call.model,
    choices: call.choices.map((choice) => ({
      index: choice.index,
      message: {
        role: 'assistant',
        content: choice.content,
        refusal: choice.refusal,
        annotations: [],
        ...(choice.toolCalls.length > 0 ? { tool_calls: choice.toolCalls } : {}),
      },
      logprobs: null,
      finish_reason: choice.finishReason,
    })),
    usage: usageBody(call.usage),
    service_tier: 'default',
    system_fingerprint: call.systemFingerprint,
  }
}

function chunk(call: SimulatedCall, choices: object[]): Record<string, unknown> {
  return {
    id: call.id,
    object: 'chat.completion.chunk',
    created: call.created,
    model: call.model,
    service_tier: 'default',
    system_fingerprint: call.systemFingerprint,
    choices,
  }
}

function startOf(choice: Choice): object {
  const content = choice.toolCalls.length > 0 && choice.content === null ? null : ''
  const delta = { role: 'assistant', content, refusal: null }
  return { index: choice.index, delta, logprobs: null, finish_reason: null }
}

function choiceDeltas(choice: Choice): object[] {
  const { index } = choice
  const deltas: object[] = []
  for (const content of pieces(choice.content ?? '')) deltas.push({ content })
  for (const refusal of pieces(choice.refusal ?? '')) deltas.push({ refusal })
  for (const [position, call] of choice.toolCalls.entries()) {
    const head = { index: position, id: call.id, type: 'function' }
    deltas.push({
      tool_calls: [{ ...head, function: { name: call.function.name, arguments: '' } }],
    })
    for (const text of argumentPieces(call.function.arguments)) {
      deltas.push({ tool_calls: [{ index: position, function: { arguments: text } }] })
    }
  }
  return deltas.map((delta) => ({ index, delta, logprobs: null, finish_reason: null }))
}

/** Words with the space before them, about one token each. */
function pieces(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? []
}

/** Providers cut arguments anywhere but inside a character. */
function argumentPieces(json: string): string[] {
  return json.match(/.{1,6}/gsu) ?? []
}

function interleaveChoices(deltasByChoice: readonly object[][]): object[] {
  const longest = Math.max(0, ...deltasByChoice.map((deltas) => deltas.length))
  return Array.from({ length: longest }, (_, position) =>
    deltasByChoice.flatMap((deltas) => deltas[position] ?? []),
  ).flat()
}
