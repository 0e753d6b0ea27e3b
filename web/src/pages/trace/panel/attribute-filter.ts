import type { JsonValue, Span } from '@sightline/server/contract'
import {
  impossible,
  possible,
  typedActions,
  type ValueActions,
} from '../../../lib/value-actions.ts'

export type AttributeSource = 'attributes' | 'resource' | 'event' | 'link'

/** Longer values are not hashed at ingest, so no filter finds them. */
const MAX_HASHED_UNITS = 256
const TOO_LONG = `longer than ${MAX_HASHED_UNITS} characters: such values are not indexed`

export function actionsOf(
  span: Span,
  source: AttributeSource,
  { key, value }: { key: string; value: JsonValue },
): ValueActions {
  if (source === 'event' || source === 'link') {
    return all(`only attributes of spans and resources are indexed, not those of ${source}s`)
  }
  const typed = typedTerm(span, key, value)
  if (typed !== undefined) return typedActions(typed)
  const text = scalarText(value)
  if (text === undefined) return all('a nested value is not indexed')
  if (text.length > MAX_HASHED_UNITS) return all(TOO_LONG)
  if (key.includes(':')) return all('a key with a colon cannot be written in a filter')
  const field = `attr.${key}`
  return {
    include: possible({ field, op: 'eq', value: text }),
    exclude: possible({ field, op: 'ne', value: text }),
    group: impossible('traces are counted by model, service, release …, not by single attributes'),
  }
}

const FILTER_BY_FIELD: Readonly<Record<string, [string, (span: Span) => string | null]>> = {
  operationRaw: ['operation', (span) => span.operation],
  requestModel: ['model', (span) => span.model],
  responseModel: ['model', (span) => span.model],
  model: ['model', (span) => span.model],
  providerRaw: ['provider', (span) => span.provider],
  sessionId: ['session', (span) => span.sessionId],
  userId: ['user', (span) => span.userId],
  promptName: ['prompt', (span) => span.promptName],
  task: ['task', (span) => span.task],
  tags: ['tag', (span) => (span.tags.length === 1 ? (span.tags[0] ?? null) : null)],
  'error.type': ['error.type', (span) => span.error?.type ?? null],
}
const FIELD_BY_RESOURCE: Readonly<Record<string, [string, (span: Span) => string | null]>> = {
  'service.name': ['service', (span) => span.service],
  'service.version': ['release', (span) => span.release],
  'deployment.environment.name': ['environment', (span) => span.environment],
  'deployment.environment': ['environment', (span) => span.environment],
}

/** The field of the span that this attribute feeds, where it holds this very value. */
function typedTerm(
  span: Span,
  key: string,
  value: JsonValue,
): { field: string; value: string } | undefined {
  const text = scalarText(value)
  const fed = span.mapping.find(({ from }) => from === key)?.field ?? ''
  const known = FILTER_BY_FIELD[fed] ?? FIELD_BY_RESOURCE[key]
  if (known === undefined || text === undefined) return undefined
  const [field, read] = known
  return read(span) === text ? { field, value: text } : undefined
}

/** As it was hashed at ingest; a list of one counts as its element. */
function scalarText(value: JsonValue): string | undefined {
  if (Array.isArray(value)) {
    const [first] = value
    return value.length === 1 && first !== undefined && !Array.isArray(first)
      ? scalarText(first)
      : undefined
  }
  return value === null || typeof value === 'object' ? undefined : String(value)
}

function all(reason: string): ValueActions {
  const none = impossible(reason)
  return { include: none, exclude: none, group: none }
}
