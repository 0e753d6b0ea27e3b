import type { Message, Span } from '@sightline/server/contract'

/** A model call with what it added to the conversation. */
export type Turn = {
  span: Span
  /** Null where an earlier call had the same instructions, or it has none. */
  system: string | null
  /** Messages that no earlier call had, in order. */
  input: Message[]
  output: Message[]
  /** How many messages of its input were shown before. */
  repeated: number
}

/**
 * Model calls send the whole history again with every turn: each message is shown where it first
 * occurs, whether a call read it or wrote it.
 */
export function turnsOf(spans: readonly Span[]): Turn[] {
  const shown = new Set<string>()
  const isNew = (role: string, content: unknown): boolean => {
    const key = JSON.stringify([role, content])
    if (shown.has(key)) return false
    shown.add(key)
    return true
  }
  return spans.map((span) => {
    const { systemInstructions, inputMessages, outputMessages } = span
    const isNewSystem = systemInstructions !== null && isNew('system', systemInstructions)
    const input = inputMessages.filter(({ role, parts }) => isNew(role, parts))
    for (const { role, parts } of outputMessages) isNew(role, parts)
    return {
      span,
      system: isNewSystem ? systemInstructions : null,
      input,
      output: outputMessages,
      repeated: inputMessages.length - input.length,
    }
  })
}
