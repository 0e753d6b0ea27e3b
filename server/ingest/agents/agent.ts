import type { Dialect, Source } from '../dialects/dialect.ts'
import { toNumber, toText } from '../attribute-text.ts'

/** One log record of a coding agent. Attributes only: EventName and body mean other things. */
export type AgentEvent = { attributes: Readonly<Record<string, unknown>> }

/**
 * What a record says. `key` names the call or tool use where the record has an id of it, so that
 * whatever tells of it again is known to be the same.
 */
export type Reading =
  | { kind: 'call'; key: string | null; durationMs: number | null; needs: readonly Need[] }
  | { kind: 'tool'; key: string | null; durationMs: number | null }
  /** The text a call was answered with; `key` is the call's. */
  | { kind: 'answer'; key: string; text: string }
  /** What the user asked: the input of the next call of the turn. */
  | { kind: 'prompt'; text: string }
  /** A request began `durationMs` before this record: the call it led to comes later. */
  | { kind: 'start'; durationMs: number | null }
  /** Attributes that hold for all calls of the session. */
  | { kind: 'session' }
  /** Repeats a call or is a part of one. */
  | { kind: 'part' }

/** What a call waits for because its own record does not say it. */
export type Need = 'start' | 'session'

/** A coding agent whose calls come as log events. A new one is such a file and a line in `registry.ts`. */
export type Agent = {
  /** As `span.dialect` shows it. */
  name: string
  /** Of `event.name`, which may also come without it. */
  prefix: string
  /** Where events may come without their prefix. */
  scope: RegExp | null
  /** Attributes that name the session and the turn; the first that is there. */
  session: readonly string[]
  turn: readonly string[]
  /** Copied from the session's record to its calls. */
  sessionAttributes: readonly string[]
  events: Readonly<Record<string, (event: AgentEvent) => Reading>>
  /** How a derived span is read: the attributes of the record, and the agent's mark. */
  dialect: Dialect
  /** Spans of the same calls: their scope, and the attribute that both sides share. */
  twins: { scope: string; key: string } | null
  /** Scopes of spans of the same calls that share no attribute with their events. */
  sessionTwins: readonly string[] | null
}

/** The attribute that says which event a derived span was made of. */
export function markOf(agentName: string): string {
  return `sightline.log.${agentName}`
}

/** The names of the spans that are made of its events. */
export function derivedNamesOf({ prefix, dialect }: Agent): string[] {
  const events = (dialect.kinds ?? []).flatMap(({ types }) => Object.keys(types))
  return events.map((event) => prefix + event)
}

/** The mapping of a derived span says where it comes from. */
export function fromEvent(source: string | Source): Source {
  return typeof source === 'string'
    ? { key: source, note: 'from log event' }
    : { note: 'from log event', ...source }
}

/** `success` as agents send it, where they do. */
export const FAILED: Source = fromEvent({
  key: 'success',
  read: (view) => {
    const success = view.value('success')
    return success === undefined ? undefined : success === false || success === 'false'
  },
})

export function textOf({ attributes }: AgentEvent, key: string): string | null {
  return toText(attributes[key]) ?? null
}

/** Content that the agent was allowed to send. */
export function contentOf(event: AgentEvent, key: string): string | null {
  const text = textOf(event, key)
  return text === null || /^[<[]REDACTED[>\]]$/.test(text) ? null : text
}

/** A record of what the user asked. */
export function readPrompt(event: AgentEvent): Reading {
  const text = contentOf(event, 'prompt')
  return text === null ? { kind: 'part' } : { kind: 'prompt', text }
}

export function numberOf({ attributes }: AgentEvent, key: string): number | null {
  return toNumber(attributes[key]) ?? null
}

/** Not negative, at most a day: what is no duration is not known. */
export function durationOf(event: AgentEvent, key = 'duration_ms'): number | null {
  const ms = numberOf(event, key)
  return ms === null || ms < 0 || ms > 86_400_000 ? null : ms
}
