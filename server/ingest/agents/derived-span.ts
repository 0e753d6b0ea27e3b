import { toAnyValue, type AnyValueJson } from '../any-value.ts'
import { markOf } from './agent.ts'
import { type AgentRecord, spanIdOf, traceIdOf } from './read-event.ts'

type KeyValueJson = { key: string; value: AnyValueJson }

/** A span made of a record, as OTLP/JSON: the record's own attributes and the mark of its event. */
export type DerivedSpan = {
  resource: KeyValueJson[]
  scope: { name: string; version: string }
  span: {
    traceId: string
    spanId: string
    parentSpanId: string
    name: string
    kind: number
    startTimeUnixNano: string
    endTimeUnixNano: string
    attributes: KeyValueJson[]
  }
}

const INTERNAL = 1
const CLIENT = 3

/** It ends at the record's time. */
export function deriveSpan(of: AgentRecord): DerivedSpan | null {
  const { reading, record, agent, event, atUs } = of
  if (reading.kind !== 'call' && reading.kind !== 'tool') return null
  const { resource, scope } = record.group
  const startUs = atUs - Math.round((reading.durationMs ?? 0) * 1_000)
  return {
    resource: resource.attributes.map(toKeyValue),
    scope: { name: scope.name, version: scope.version },
    span: {
      traceId: traceIdOf(of),
      spanId: spanIdOf(of, reading.key),
      parentSpanId: record.traceId === '' ? '' : record.spanId,
      name: `${agent.prefix}${event}`,
      kind: reading.kind === 'call' ? CLIENT : INTERNAL,
      startTimeUnixNano: nanoseconds(startUs),
      endTimeUnixNano: nanoseconds(atUs),
      attributes: [
        { key: markOf(agent.name), value: { stringValue: event } },
        ...record.attributes.map(toKeyValue),
      ],
    },
  }
}

/** The call with what other records of its session said. */
export function completeSpan(
  derived: DerivedSpan,
  { startUs, attributes }: { startUs: number | null; attributes: KeyValueJson[] },
): DerivedSpan {
  const { span } = derived
  const known = new Set(span.attributes.map(({ key }) => key))
  const added = attributes.filter(({ key }) => !known.has(key))
  return {
    ...derived,
    span: {
      ...span,
      startTimeUnixNano: startUs === null ? span.startTimeUnixNano : nanoseconds(startUs),
      attributes: [...span.attributes, ...added],
    },
  }
}

function toKeyValue(attribute: { key: string; value: Parameters<typeof toAnyValue>[0] }) {
  return { key: attribute.key, value: toAnyValue(attribute.value) }
}

/** Whole microseconds as nanoseconds. */
function nanoseconds(us: number): string {
  return us <= 0 ? '0' : `${us}000`
}
