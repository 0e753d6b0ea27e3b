import { simulateCall } from '../simulator/simulate-call.ts'
import { failureOf } from './call-failure.ts'
import { answerRequest, planRequest } from './chat-requests.ts'
import { runTool, toToolName } from './order-tools.ts'
import type { FailureRates } from '../simulator/behaviour.ts'
import type { Effect } from '../simulator/scenario.ts'
import type { SimulatedCall } from '../simulator/simulate-call.ts'
import type { ChatRequest, ToolCall } from '../simulator/wire.ts'
import type { CallFailure } from './call-failure.ts'
import type { Exchange, PlanRequest } from './chat-requests.ts'
import type { Hit, KnowledgeBase } from './knowledge-base.ts'
import type { ToolName } from './order-tools.ts'
import type { Ticket } from './ticket.ts'

export type HandledCall = {
  request: ChatRequest
  call: SimulatedCall
  startMs: number
  endMs: number
  failure: CallFailure | undefined
}

export type HandledTool = {
  name: ToolName
  callId: string
  args: Record<string, unknown>
  result: Record<string, unknown> | undefined
  startMs: number
  endMs: number
}

/** What the application does with one ticket, times in ms after the ticket's arrival. */
export type HandledTicket = {
  ticket: Ticket
  hits: readonly Hit[]
  retrieveStartMs: number
  retrieveEndMs: number
  plan: HandledCall
  tool: HandledTool | undefined
  answer: HandledCall | undefined
  /** The text that the customer got; undefined when a model call failed. */
  text: string | undefined
  endMs: number
}

export type HandlingContext = {
  seed: number
  failureRates: FailureRates
  knowledgeBase: KnowledgeBase
  effect: Effect
  earlier: readonly Exchange[]
}

/** Own work of the application between two steps. */
const STEP_MS = 0.4

/**
 * The pure twin of `answerTicket`: the same requests, answers and failures without a provider, a
 * network or a clock. History is written from it.
 */
export function handleTicket(ticket: Ticket, context: HandlingContext): HandledTicket {
  const { knowledgeBase, effect, earlier } = context
  const hits = knowledgeBase.search(ticket.question, ticket.language, effect.passages)
  const retrieveStartMs = STEP_MS
  const retrieveEndMs = retrieveStartMs + ticket.retrieveMs
  const request = planRequest(ticket, { hits, earlier, knowledgeBase })
  const plan = callModel(request, retrieveEndMs + STEP_MS, context)
  const toolCall = plan.call.choices[0]?.toolCalls[0]
  const rest =
    plan.failure !== undefined || toolCall === undefined
      ? { tool: undefined, answer: undefined }
      : useTool(ticket, { request, plan, toolCall, context })
  const last = rest.answer ?? plan
  const text = last.failure === undefined ? (last.call.choices[0]?.content ?? '') : undefined
  const endMs = last.endMs + STEP_MS
  return { ticket, hits, retrieveStartMs, retrieveEndMs, plan, ...rest, text, endMs }
}

function useTool(
  ticket: Ticket,
  input: {
    request: PlanRequest
    plan: HandledCall
    toolCall: ToolCall
    context: HandlingContext
  },
): { tool: HandledTool; answer: HandledCall } {
  const { request, plan, toolCall, context } = input
  const tool = callTool(ticket, toolCall, { startMs: plan.endMs + STEP_MS, context })
  const toolResult = JSON.stringify(tool.result ?? TOOL_FAILURE_RESULT)
  const content = plan.call.choices[0]?.content ?? null
  const answer = answerRequest(request, { content, toolCall, toolResult })
  return { tool, answer: callModel(answer, tool.endMs + STEP_MS, context) }
}

/** What the model is told when the tool did not answer. */
export const TOOL_FAILURE_RESULT = { error: 'the order system did not answer, try again later' }

function callModel(request: ChatRequest, startMs: number, context: HandlingContext): HandledCall {
  const { seed, failureRates, effect } = context
  const call = simulateCall(request, {
    seed,
    failureRates,
    index: 0,
    ttftFactor: effect.ttftFactor,
  })
  const failure = failureOf(call, request)
  const lastedMs = failure?.afterMs ?? call.durationMs
  return { request, call, startMs, endMs: startMs + lastedMs, failure }
}

function callTool(
  ticket: Ticket,
  toolCall: ToolCall,
  { startMs, context }: { startMs: number; context: HandlingContext },
): HandledTool {
  const name = toToolName(toolCall.function.name)
  const args = JSON.parse(toolCall.function.arguments) as Record<string, unknown>
  const { knowledgeBase } = context
  return {
    name,
    callId: toolCall.id,
    args,
    result: ticket.toolFails
      ? undefined
      : runTool(name, args, { language: ticket.language, knowledgeBase }),
    startMs,
    endMs: startMs + toolDelayMs(ticket, name, context.effect),
  }
}

/** Only the order system gets slower when the tool regresses. */
export function toolDelayMs(ticket: Ticket, name: ToolName, effect: Effect): number {
  return ticket.toolMs * (name === 'lookup_order' ? effect.toolFactor : 1)
}
