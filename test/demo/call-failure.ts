import { streamEvents } from '../simulator/sse.ts'
import type { SimulatedCall } from '../simulator/simulate-call.ts'
import type { ChatRequest } from '../simulator/wire.ts'

/** How the `openai` client reports a call that went wrong. */
export type CallFailure = {
  errorClass: string
  /** What OpenTelemetry writes as the exception's type: the error's code where it has one. */
  exceptionType: string
  message: string
  statusCode: number | undefined
  /** From the request to the moment the application sees the error. */
  afterMs: number
  /** The text received before the stream broke. */
  partialText: string | undefined
}

/** After this time the demo's client gives a call up. */
export const CLIENT_TIMEOUT_MS = 15_000

export function failureOf(call: SimulatedCall, request: ChatRequest): CallFailure | undefined {
  switch (call.behaviour) {
    case '429':
      return {
        errorClass: 'RateLimitError',
        exceptionType: 'rate_limit_exceeded',
        message: `429 Too many requests for ${call.model}: the limit per minute is used up.`,
        statusCode: 429,
        afterMs: call.ttftMs / 4,
        partialText: undefined,
      }
    case '500':
      return {
        errorClass: 'InternalServerError',
        exceptionType: 'Error',
        message: '500 The model server failed on this request.',
        statusCode: 500,
        afterMs: call.ttftMs / 4,
        partialText: undefined,
      }
    case 'timeout':
      return {
        errorClass: 'APIConnectionTimeoutError',
        exceptionType: 'Error',
        message: 'Request timed out.',
        statusCode: undefined,
        afterMs: CLIENT_TIMEOUT_MS,
        partialText: undefined,
      }
    case 'break':
      return brokenCall(call, request)
    default:
      return undefined
  }
}

function brokenCall(call: SimulatedCall, request: ChatRequest): CallFailure {
  const base = {
    errorClass: 'TypeError',
    exceptionType: 'TypeError',
    message: 'terminated',
    statusCode: undefined,
  }
  if (request.stream !== true) return { ...base, afterMs: call.durationMs, partialText: undefined }
  const events = streamEvents(call, request)
  const partialText = events.map(({ data }) => contentOf(data)).join('')
  return { ...base, afterMs: events.at(-1)?.atMs ?? call.ttftMs, partialText }
}

function contentOf(data: string): string {
  const { choices } = JSON.parse(data) as { choices?: { delta?: { content?: string | null } }[] }
  return choices?.[0]?.delta?.content ?? ''
}
