import { packOf } from '../simulator/content/packs.ts'
import { TOOLS } from './order-tools.ts'
import type { ChatMessage, ChatRequest, ToolCall } from '../simulator/wire.ts'
import type { Hit, KnowledgeBase } from './knowledge-base.ts'
import type { Ticket } from './ticket.ts'

/** A finished question and answer of the same session. */
export type Exchange = { question: string; answer: string }

export type PlanRequest = ChatRequest & { tools: NonNullable<ChatRequest['tools']> }

export type AnswerRequest = PlanRequest & { stream: true; stream_options: { include_usage: true } }

export const TEMPERATURE = 0.2
export const MAX_ANSWER_TOKENS = 1_500

/** The first model call: the question with its sources, and the tools on offer. */
export function planRequest(
  ticket: Ticket,
  context: { hits: readonly Hit[]; earlier: readonly Exchange[]; knowledgeBase: KnowledgeBase },
): PlanRequest {
  const content = context.knowledgeBase.quote(ticket.question, context.hits)
  return {
    model: ticket.model,
    messages: [
      { role: 'system', content: packOf(ticket.language).systemPrompt },
      ...context.earlier.flatMap(exchangeMessages),
      { role: 'user', content },
    ],
    tools: TOOLS,
    max_completion_tokens: MAX_ANSWER_TOKENS,
    ...samplingOf(ticket.model),
  }
}

/** The second model call: the same conversation with the tool's result, answered as a stream. */
export function answerRequest(
  plan: PlanRequest,
  input: { content: string | null; toolCall: ToolCall; toolResult: string },
): AnswerRequest {
  const { content, toolCall, toolResult } = input
  return {
    ...plan,
    messages: [
      ...plan.messages,
      { role: 'assistant', content, tool_calls: [toolCall] },
      { role: 'tool', tool_call_id: toolCall.id, content: toolResult },
    ],
    stream: true,
    stream_options: { include_usage: true },
  }
}

function exchangeMessages({ question, answer }: Exchange): ChatMessage[] {
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ]
}

/** Reasoning models refuse a temperature. */
function samplingOf(model: string): { temperature?: number } {
  return model.startsWith('gpt-5') ? {} : { temperature: TEMPERATURE }
}
