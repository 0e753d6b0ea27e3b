import { toText } from '../attribute-text.ts'
import { hashOf, recordHash } from '../log-events.ts'
import type { AttributeValue } from '../otlp.ts'
import { type OtlpLogRecord, recordTimeUs } from '../otlp-logs.ts'
import type { Agent, AgentEvent, Reading } from './agent.ts'
import { AGENTS } from './registry.ts'

/** A coding agent's record and what it says. */
export type AgentRecord = {
  agent: Agent
  /** Without the agent's prefix. */
  event: string
  reading: Reading
  record: OtlpLogRecord
  atUs: number
  session: string
  turn: string
  /** Of the record itself: the same for the same record sent again. */
  eventId: string
}

/** The agent that sent the record; undefined where none did, or not as an event. */
export function readAgentRecord(record: OtlpLogRecord): AgentRecord | undefined {
  const name = toText(attributeOf(record, 'event.name'))
  if (name === undefined) return undefined
  const agent = AGENTS.find(
    ({ prefix, scope }) => name.startsWith(prefix) || scope?.test(record.group.scope.name),
  )
  if (agent === undefined) return undefined
  const event = name.startsWith(agent.prefix) ? name.slice(agent.prefix.length) : name
  const attributes = valuesOf(record)
  const reading = readEvent(agent, event, { attributes })
  // With traces on, the tool use is a span that the agent sends.
  const isSpan = reading.kind === 'tool' && agent.twins !== null && record.traceId !== ''
  return {
    agent,
    event,
    reading: isSpan ? { kind: 'part' } : reading,
    record,
    atUs: timeOf(record, attributes),
    session: firstOf(agent.session, attributes),
    turn: firstOf(agent.turn, attributes),
    eventId: recordHash(record, 0),
  }
}

function readEvent(agent: Agent, name: string, event: AgentEvent): Reading {
  const read = Object.hasOwn(agent.events, name) ? agent.events[name] : undefined
  return read === undefined ? { kind: 'part' } : read(event)
}

function attributeOf({ attributes }: OtlpLogRecord, key: string): AttributeValue {
  return attributes.find((attribute) => attribute.key === key)?.value ?? null
}

function valuesOf({ attributes }: OtlpLogRecord): AgentEvent['attributes'] {
  const values = Object.create(null) as Record<string, AttributeValue>
  for (const { key, value } of attributes) values[key] = value
  return values
}

/** Codex sends no time of its own, but says it as text. */
function timeOf(record: OtlpLogRecord, attributes: AgentEvent['attributes']): number {
  if (record.timeUs > 0) return record.timeUs
  const said = attributes['event.timestamp']
  const ms = typeof said === 'string' ? Date.parse(said) : Number.NaN
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms * 1_000) : recordTimeUs(record)
}

function firstOf(keys: readonly string[], attributes: AgentEvent['attributes']): string {
  for (const key of keys) {
    const text = toText(attributes[key])
    if (text !== undefined) return text.slice(0, 512)
  }
  return ''
}

/** A turn is a trace; the record's own where it has one. */
export function traceIdOf({ agent, record, session, turn }: AgentRecord): string {
  return record.traceId === '' ? hashOf(agent.name, 'trace', session, turn) : record.traceId
}

export function spanIdOf(of: AgentRecord, key: string | null): string {
  const kind = of.reading.kind === 'tool' ? 'tool' : 'call'
  const identity = key === null ? ['record', of.eventId] : [of.session, key]
  return hashOf(of.agent.name, kind, ...identity).slice(0, 16)
}

export function callIdOf(agent: Agent, session: string, key: string): string {
  return hashOf(agent.name, 'call', session, key).slice(0, 16)
}
