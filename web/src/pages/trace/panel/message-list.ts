import type { JsonValue, Message, MessagePart, Span } from '@sightline/server/contract'
import { isEmptyJson } from './json-text.ts'

/** One box of the conversation. */
export type MessageView = {
  key: string
  /** What folds together: `system`, `user`, `assistant`, `tool` or as sent. */
  role: string
  label: string
  /** A tool's or prompt's name. */
  name: string | null
  parts: MessagePart[]
  tokens: number | null
  finishReason: string | null
}

/** Everything said in a span, in order: instructions, input, output, then a tool's own call. */
export function messagesOf(span: Span): MessageView[] {
  const { systemInstructions, inputMessages, outputMessages } = span
  const toolNames = namesOfCalls([...inputMessages, ...outputMessages])
  const prompt = promptName(span)
  const isOnlyInput = inputMessages.length === 1 && systemInstructions === null
  const views: MessageView[] = []
  if (systemInstructions !== null) {
    const parts: MessagePart[] = [{ type: 'text', content: systemInstructions }]
    views.push({ ...EMPTY, key: 'instructions', role: 'system', label: 'system', parts })
  }
  for (const [index, message] of inputMessages.entries()) {
    const tokens = isOnlyInput ? countedTokens(span, span.inputTokens) : null
    views.push({ ...viewOf(message, toolNames), key: `in${index}`, tokens })
  }
  for (const [index, message] of outputMessages.entries()) {
    const tokens = outputMessages.length === 1 ? countedTokens(span, span.outputTokens) : null
    views.push({ ...viewOf(message, toolNames), key: `out${index}`, tokens })
  }
  const firstSystem = views.find(({ role }) => role === 'system')
  if (firstSystem !== undefined) firstSystem.name = prompt
  return [...views, ...toolViews(span)]
}

const EMPTY = { name: null, tokens: null, finishReason: null }

function viewOf(
  message: Message,
  toolNames: ReadonlyMap<string, string>,
): Omit<MessageView, 'key' | 'tokens'> {
  const { role, parts, finishReason = null } = message
  const results = parts.filter((part) => part.type === 'tool_call_response')
  const isResult = results.length > 0 && results.length === parts.length
  const names = new Set(results.map(({ id }) => (id === null ? undefined : toolNames.get(id))))
  const name = [...names].filter((one) => one !== undefined).join(', ')
  return {
    role: isResult ? 'tool' : role,
    label: isResult ? 'tool result' : role === '' ? 'text' : role,
    name: isResult && name !== '' ? name : null,
    parts,
    finishReason: finishReason ?? null,
  }
}

function namesOfCalls(messages: readonly Message[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool_call' && part.id !== null) names.set(part.id, part.name)
    }
  }
  return names
}

/** The usage is the message's where nothing else was counted with it. */
function countedTokens({ countsTokens }: Span, tokens: number | null): number | null {
  return countsTokens ? tokens : null
}

function promptName({ promptName: name, promptVersion: version }: Span): string | null {
  if (name === null) return null
  return version === null ? name : `${name} v${version.replace(/^v(?=\d)/, '')}`
}

function toolViews({ tool }: Span): MessageView[] {
  if (tool === null) return []
  const views: MessageView[] = []
  const add = (label: string, value: JsonValue): void => {
    if (isEmptyJson(value)) return
    const part: MessagePart = { type: 'tool_call_response', id: null, response: value }
    views.push({ ...EMPTY, key: label, role: label, label, name: tool.name, parts: [part] })
  }
  add('arguments', tool.arguments)
  add('result', tool.result)
  return views
}

/** Length of what a message says, where its tokens are not known. */
export function charactersOf(parts: readonly MessagePart[]): number {
  return parts.reduce((sum, part) => sum + ('content' in part ? (part.content?.length ?? 0) : 0), 0)
}
