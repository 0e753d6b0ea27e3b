import type { ChatMessage, ChatRequest } from './wire.ts'

export type ParsedRequest =
  | { status: 'ok'; request: ChatRequest }
  | { status: 'invalid'; message: string; param: string | null }

/** Checks what the simulator relies on; unknown members pass through unread. */
export function parseChatRequest(body: unknown): ParsedRequest {
  if (!isRecord(body)) return invalid('The request body is not a JSON object.', null)
  const { model, messages, tools } = body
  if (typeof model !== 'string' || model === '') {
    return invalid('You must provide a model parameter.', 'model')
  }
  if (!Array.isArray(messages) || messages.length === 0) {
    return invalid('messages must be an array with at least one message.', 'messages')
  }
  const badIndex = messages.findIndex((message) => !isMessage(message))
  if (badIndex !== -1) {
    return invalid('A message needs a known role and a text.', `messages[${badIndex}]`)
  }
  if (tools !== undefined && (!Array.isArray(tools) || !tools.every(isTool))) {
    return invalid('tools must be an array of functions with a name.', 'tools')
  }
  // Sound after the checks above: every member that is read has been looked at.
  return { status: 'ok', request: body as ChatRequest }
}

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool']

function isMessage(value: unknown): value is ChatMessage {
  if (!isRecord(value) || !ROLES.includes(String(value['role']))) return false
  const { content, tool_calls: toolCalls } = value
  const hasContent = content == null || typeof content === 'string' || Array.isArray(content)
  return hasContent && (toolCalls === undefined || Array.isArray(toolCalls))
}

function isTool(value: unknown): boolean {
  return (
    isRecord(value) && isRecord(value['function']) && typeof value['function']['name'] === 'string'
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string, param: string | null): ParsedRequest {
  return { status: 'invalid', message, param }
}
