import { setTimeout as sleep } from 'node:timers/promises'
import { observe, withContext } from '@sightline/sdk'
import type OpenAI from 'openai'
import { answerRequest, planRequest } from './chat-requests.ts'
import { TOOL_FAILURE_RESULT, toolDelayMs } from './handle-ticket.ts'
import { runTool, ToolUnavailableError, toToolName } from './order-tools.ts'
import { PROMPT_NAME, PROMPT_VERSION } from './support-app.ts'
import type { Effect } from '../simulator/scenario.ts'
import type { TokenUsage, ToolCall } from '../simulator/wire.ts'
import type { AnswerRequest, Exchange, PlanRequest } from './chat-requests.ts'
import type { Hit, KnowledgeBase } from './knowledge-base.ts'
import type { CallOutcome, TicketOutcome } from './tally.ts'
import type { Ticket } from './ticket.ts'

export type Desk = {
  /** An `openai` client, wrapped by the SDK. */
  client: OpenAI
  knowledgeBase: KnowledgeBase
  /** Multiplies the waits for the database and the order system; 0 in tests. */
  speed: number
}

export type AnswerContext = { effect: Effect; earlier: readonly Exchange[] }

export type AnsweredTicket = TicketOutcome & { text: string | undefined; error: unknown }

/**
 * An ordinary support-chat program: look up sources, let the model choose a tool, run it, stream the
 * answer. All that Sightline needs of it is `observe`, `withContext` and the wrapped client.
 */
export async function answerTicket(
  desk: Desk,
  ticket: Ticket,
  context: AnswerContext,
): Promise<AnsweredTicket> {
  const record: Count = { calls: [], spans: 1 }
  const answer = observe({ name: 'answer_ticket', kind: 'agent' }, (question: string) =>
    answerQuestion(question, { desk, ticket, context, record }),
  )
  return withContext(
    {
      session: ticket.sessionId,
      user: ticket.userId,
      tags: [ticket.language],
      prompt: { name: PROMPT_NAME, version: PROMPT_VERSION },
    },
    async () => {
      try {
        const text = await answer(ticket.question)
        return { isFailed: false, ...record, text, error: undefined }
      } catch (error) {
        // The customer is asked to try again; the spans tell why.
        return { isFailed: true, ...record, text: undefined, error }
      }
    },
  )
}

/** What the demo counts for its summary; no part of the application. */
type Count = { calls: CallOutcome[]; spans: number }

type Job = { desk: Desk; ticket: Ticket; context: AnswerContext; record: Count }

async function answerQuestion(question: string, job: Job): Promise<string> {
  const { desk, ticket, context, record } = job
  const hits = await retrieve(question, job)
  const { knowledgeBase, client } = desk
  const plan = planRequest(ticket, { hits, earlier: context.earlier, knowledgeBase })
  const message = await counted(record, plan.model, () => planCall(client, plan))
  const toolCall = message.tool_calls?.[0]
  if (toolCall?.type !== 'function') return message.content ?? ''
  const toolResult = await callTool(toolCall, job)
  const request = answerRequest(plan, { content: message.content, toolCall, toolResult })
  const answer = await counted(record, plan.model, () => streamAnswer(client, request))
  return answer.content
}

function retrieve(text: string, { desk, ticket, context, record }: Job): Promise<readonly Hit[]> {
  record.spans += 1
  const search = observe(
    { name: 'retrieve', kind: 'retriever' },
    async (question: string): Promise<readonly Hit[]> => {
      await sleep(ticket.retrieveMs * desk.speed)
      return desk.knowledgeBase.search(question, ticket.language, context.effect.passages)
    },
  )
  return search(text)
}

async function counted<T extends { usage: TokenUsage | undefined }>(
  record: Count,
  model: string,
  call: () => Promise<T>,
): Promise<T> {
  record.spans += 1
  const outcome: CallOutcome = { model, usage: undefined }
  record.calls.push(outcome)
  const result = await call()
  outcome.usage = result.usage
  return result
}

async function planCall(client: OpenAI, request: PlanRequest) {
  const completion = await client.chat.completions.create(
    request as OpenAI.ChatCompletionCreateParamsNonStreaming,
  )
  const message = completion.choices[0]?.message
  if (message === undefined) throw new Error(`${request.model} answered without a choice`)
  return { ...message, usage: toUsage(completion.usage) }
}

async function streamAnswer(client: OpenAI, request: AnswerRequest) {
  const stream = await client.chat.completions.create(
    request as OpenAI.ChatCompletionCreateParamsStreaming,
  )
  let content = ''
  let usage: TokenUsage | undefined
  for await (const chunk of stream) {
    content += chunk.choices[0]?.delta.content ?? ''
    usage = toUsage(chunk.usage) ?? usage
  }
  return { content, usage }
}

async function callTool(toolCall: ToolCall, job: Job): Promise<string> {
  const { desk, ticket, context, record } = job
  const { knowledgeBase, speed } = desk
  const { language, toolFails } = ticket
  const name = toToolName(toolCall.function.name)
  record.spans += 1
  const run = observe({ name, kind: 'tool' }, async (args: ToolArguments) => {
    await sleep(toolDelayMs(ticket, name, context.effect) * speed)
    if (toolFails) throw new ToolUnavailableError()
    return runTool(name, args, { language, knowledgeBase })
  })
  try {
    return JSON.stringify(await run(parseArguments(toolCall)))
  } catch (error) {
    if (!(error instanceof ToolUnavailableError)) throw error
    return JSON.stringify(TOOL_FAILURE_RESULT)
  }
}

type ToolArguments = { [name: string]: unknown }

function parseArguments(toolCall: ToolCall): ToolArguments {
  return JSON.parse(toolCall.function.arguments) as ToolArguments
}

function toUsage(usage: OpenAI.CompletionUsage | null | undefined): TokenUsage | undefined {
  if (usage == null) return undefined
  return {
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    completionTokens: usage.completion_tokens,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  }
}
