import { memoizeText } from '../simulator/memoize-text.ts'
import { textOf } from '../simulator/wire.ts'
import type { ChatMessage, ChatRequest, ToolCall } from '../simulator/wire.ts'

const LONG_TEXT = 2_000

/** Prompts with their sources recur, and escaping them is what costs. */
const quote = memoizeText((text) => JSON.stringify(text), LONG_TEXT)

/**
 * The SDK's `gen_ai.input.messages` for the requests of this application, at a tenth of the cost of
 * the SDK's general function; a test holds the two together.
 */
export function inputMessagesJson({ messages }: ChatRequest): string {
  return `[${messages.map(messageJson).join(',')}]`
}

function messageJson(message: ChatMessage): string {
  const parts =
    message.role === 'tool'
      ? [toolAnswerJson(message)]
      : [...textParts(message), ...(message.tool_calls ?? []).map(toolCallJson)]
  return `{"role":"${message.role}","parts":[${parts.join(',')}]}`
}

function textParts(message: ChatMessage): string[] {
  const text = textOf(message)
  if (message.content == null || (text === '' && message.tool_calls !== undefined)) return []
  return [`{"type":"text","content":${quote(text)}}`]
}

/** Arguments and results are JSON already, and are sent as values. */
function toolCallJson(call: ToolCall): string {
  const { name, arguments: args } = call.function
  return `{"type":"tool_call","id":"${call.id}","name":"${name}","arguments":${args}}`
}

function toolAnswerJson(message: ChatMessage): string {
  const id = message.tool_call_id ?? ''
  return `{"type":"tool_call_response","response":${textOf(message)},"id":"${id}"}`
}
