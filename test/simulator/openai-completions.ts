import { completionBody, streamEvents } from './sse.ts'
import type { WirePart } from './openai-answer.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatRequest } from './wire.ts'

type ChatChoice = {
  index: number
  finish_reason: string | null
  message?: { content: string | null }
  delta?: { content?: string | null }
}
type ChatBody = { object: string; choices?: ChatChoice[] }

/** What chat answers, in the form of the completions before it. */
export function completionsBody(call: SimulatedCall): object {
  return toText(completionBody(call) as ChatBody)
}

export function completionsParts(call: SimulatedCall, request: ChatRequest): WirePart[] {
  return streamEvents(call, request).map(({ data, atMs }) => {
    const text = data === '[DONE]' ? data : JSON.stringify(toText(JSON.parse(data) as ChatBody))
    return { text: `data: ${text}\n\n`, atMs }
  })
}

function toText({ choices, ...body }: ChatBody): object {
  if (choices === undefined) return body
  return {
    ...body,
    object: 'text_completion',
    choices: choices.map(({ index, finish_reason, message, delta }) => ({
      index,
      text: message?.content ?? delta?.content ?? '',
      logprobs: null,
      finish_reason,
    })),
  }
}
