import { createHash } from 'node:crypto'
import {
  chatRequestAttributes,
  chatResponseAttributes,
  contextAttributes,
  SDK_VERSION,
  streamAttributes,
} from '@sightline/sdk/attributes'
import { hex32 } from '../simulator/random.ts'
import { completionBody } from '../simulator/sse.ts'
import { inputMessagesJson } from './message-json.ts'
import { TOOL_FAILURE_MESSAGE } from './order-tools.ts'
import { PROMPT_NAME, PROMPT_VERSION } from './support-app.ts'
import type { ChatRequest } from '../simulator/wire.ts'
import type { HandledCall, HandledTicket, HandledTool } from './handle-ticket.ts'
import type { AttributeValue, SpanAttributes, SpanRecord } from './span-record.ts'
import type { Ticket } from './ticket.ts'

export type SpanOptions = {
  seed: number
  /** Base URL of the provider, as the live client has it. */
  baseUrl: string
}

/** The spans that the SDK sends for one handled ticket; the root comes last, as it ends last. */
export function ticketSpans(handled: HandledTicket, options: SpanOptions): SpanRecord[] {
  const { ticket, plan, tool, answer } = handled
  const trace = traceOf(ticket, options)
  const root = trace.root('invoke_agent answer_ticket', handled.endMs)
  const spans = [retrieveSpan(handled, trace), chatSpan(plan, trace)]
  if (tool !== undefined) spans.push(toolSpan(tool, trace))
  if (answer !== undefined) spans.push(chatSpan(answer, trace))

  root.attributes['sightline.kind'] = 'agent'
  root.attributes['gen_ai.operation.name'] = 'invoke_agent'
  root.attributes['gen_ai.agent.name'] = 'answer_ticket'
  root.attributes['sightline.input'] = JSON.stringify(ticket.question)
  const failure = plan.failure ?? answer?.failure
  if (failure === undefined) root.attributes['sightline.output'] = JSON.stringify(handled.text)
  else {
    markFailed(root, {
      errorType: errorTypeOf(failure),
      exceptionType: failure.exceptionType,
      message: failure.message,
    })
  }
  return [...spans, root]
}

type SpanSkeleton = { name: string; startMs: number; endMs: number; kind: SpanRecord['kind'] }

type Trace = {
  baseUrl: string
  root(name: string, endMs: number): SpanRecord
  child(skeleton: SpanSkeleton): SpanRecord
}

/** Ids come from the seed and the instant, so the same history sent twice is the same spans. */
function traceOf(ticket: Ticket, { seed, baseUrl }: SpanOptions): Trace {
  // A 32-bit seed per ticket would give two of 100,000 tickets the same ids.
  const digest = createHash('sha256').update(`${seed}.${ticket.id}.${ticket.at}`).digest('hex')
  const traceId = digest.slice(0, 32)
  const rootId = `${digest.slice(32, 47)}1`
  const idStem = digest.slice(48, 56)
  let children = 0

  function span(skeleton: SpanSkeleton, ids: Pick<SpanRecord, 'spanId' | 'parentSpanId'>) {
    return {
      traceId,
      ...ids,
      name: skeleton.name,
      kind: skeleton.kind,
      startAt: ticket.at + skeleton.startMs,
      endAt: ticket.at + skeleton.endMs,
      attributes: commonAttributes(ticket),
      error: undefined,
    }
  }
  return {
    baseUrl,
    root: (name, endMs) =>
      span(
        { name, startMs: 0, endMs, kind: 'internal' },
        { spanId: rootId, parentSpanId: undefined },
      ),
    child(skeleton) {
      children += 1
      const spanId = idStem + hex32(Math.imul(children, 0x9e3779b1) | 1)
      return span(skeleton, { spanId, parentSpanId: rootId })
    },
  }
}

function commonAttributes(ticket: Ticket): SpanAttributes {
  return {
    'sightline.sdk.version': SDK_VERSION,
    ...toSpanAttributes(
      contextAttributes({
        session: ticket.sessionId,
        user: ticket.userId,
        tags: [ticket.language],
        prompt: { name: PROMPT_NAME, version: PROMPT_VERSION },
      }),
    ),
  }
}

function retrieveSpan(handled: HandledTicket, trace: Trace): SpanRecord {
  const span = trace.child({
    name: 'retrieval retrieve',
    kind: 'internal',
    startMs: handled.retrieveStartMs,
    endMs: handled.retrieveEndMs,
  })
  const hits = JSON.stringify(handled.hits)
  span.attributes['sightline.kind'] = 'retriever'
  span.attributes['gen_ai.operation.name'] = 'retrieval'
  span.attributes['sightline.input'] = JSON.stringify(handled.ticket.question)
  span.attributes['gen_ai.retrieval.query.text'] = handled.ticket.question
  span.attributes['sightline.output'] = hits
  span.attributes['gen_ai.retrieval.documents'] = hits
  return span
}

function chatSpan(
  { request, call, failure, startMs, endMs }: HandledCall,
  trace: Trace,
): SpanRecord {
  const span = trace.child({ name: `chat ${request.model}`, kind: 'client', startMs, endMs })
  const options = { baseURL: trace.baseUrl }
  Object.assign(span.attributes, fixedRequestAttributes(request, trace.baseUrl))
  span.attributes['gen_ai.input.messages'] = inputMessagesJson(request)
  if (failure === undefined) {
    Object.assign(span.attributes, chatResponseAttributes(completionBody(call), options))
  }
  if (request.stream === true && (failure === undefined || failure.partialText !== undefined)) {
    if (failure !== undefined) {
      Object.assign(span.attributes, chatResponseAttributes(partialBody(call, failure), options))
    }
    const state = failure === undefined ? 'complete' : 'error'
    Object.assign(span.attributes, streamAttributes({ state, timeToFirstChunkMs: call.ttftMs }))
  }
  if (failure !== undefined) {
    span.attributes['error.type'] = errorTypeOf(failure)
    span.error = { message: failure.message, event: undefined }
  }
  return span
}

const fixedAttributesByKey = new Map<string, object>()

/** All that a request says besides its messages depends on the model and on streaming alone. */
function fixedRequestAttributes(request: ChatRequest, baseURL: string): object {
  const key = `${baseURL} ${request.model} ${request.stream}`
  const known = fixedAttributesByKey.get(key)
  if (known !== undefined) return known
  const attributes = chatRequestAttributes({ ...request, messages: [] }, { baseURL })
  fixedAttributesByKey.set(key, attributes)
  return attributes
}

function toolSpan(tool: HandledTool, trace: Trace): SpanRecord {
  const { startMs, endMs } = tool
  const span = trace.child({ name: `execute_tool ${tool.name}`, kind: 'internal', startMs, endMs })
  span.attributes['sightline.kind'] = 'tool'
  span.attributes['gen_ai.operation.name'] = 'execute_tool'
  span.attributes['gen_ai.tool.name'] = tool.name
  span.attributes['gen_ai.tool.type'] = 'function'
  span.attributes['gen_ai.tool.call.arguments'] = JSON.stringify(tool.args)
  if (tool.result !== undefined) {
    span.attributes['gen_ai.tool.call.result'] = JSON.stringify(tool.result)
    return span
  }
  const errorType = 'ToolUnavailableError'
  markFailed(span, { errorType, exceptionType: errorType, message: TOOL_FAILURE_MESSAGE })
  return span
}

function markFailed(
  span: SpanRecord,
  error: { errorType: string; exceptionType: string; message: string },
): void {
  span.attributes['error.type'] = error.errorType
  span.error = {
    message: error.message,
    event: {
      'exception.type': error.exceptionType,
      'exception.message': error.message,
      'exception.stacktrace': `${error.exceptionType}: ${error.message}\n    at answer (support-chat/answer-ticket.ts)`,
    },
  }
}

function errorTypeOf(failure: NonNullable<HandledCall['failure']>): string {
  return failure.statusCode === undefined ? failure.errorClass : String(failure.statusCode)
}

/** What had come when the stream broke. */
function partialBody(
  call: HandledCall['call'],
  failure: NonNullable<HandledCall['failure']>,
): Record<string, unknown> {
  const { usage: _usage, choices: _choices, ...head } = completionBody(call)
  const message = { role: 'assistant', content: failure.partialText }
  return { ...head, choices: [{ index: 0, message }] }
}

/** The SDK's attribute functions give only the kinds of value that history can write. */
function toSpanAttributes(attributes: object): SpanAttributes {
  return attributes as Record<string, AttributeValue>
}
