import { checkIds } from './check-ids.ts'
import { decodeTracesProtobuf } from './decode-protobuf.ts'
import { blankLongAttributes, findSyntaxError, findTooDeep, MAX_JSON_DEPTH } from './json-syntax.ts'
import { readJsonAttributes, readJsonText } from './json-values.ts'
import {
  DecodeError,
  type DecodeNotes,
  type JsonObject,
  type OtlpEvent,
  type OtlpGroup,
  type OtlpLink,
  type OtlpResource,
  type OtlpScope,
  type OtlpSpan,
  type OtlpTraces,
} from './otlp.ts'
import { addWarning, MAX_ATTRIBUTES_SENT, MAX_EVENTS, MAX_LINKS } from './span-limits.ts'

/**
 * An ExportTraceServiceRequest in proto3 JSON (ids as hex, keys in camelCase or snake_case). Throws
 * DecodeError for a body that is none; what is wrong with one span only is that span's `fault`.
 */
export function decodeTracesJson(body: Buffer): OtlpTraces {
  const spans: OtlpSpan[] = []
  const parsed = parseJson(body)
  if (!isObject(parsed)) throw new DecodeError('the JSON body must be an object with resourceSpans')
  readJsonRequest(parsed, spans)
  return { format: 'json', spans }
}

/** The spans of one parsed request, appended to `spans`. */
export function readJsonRequest(request: JsonObject, spans: OtlpSpan[]): void {
  for (const resourceSpans of listOf(request, 'resourceSpans', 'resource_spans')) {
    const resource = readResource(objectOf(resourceSpans, 'resource'))
    for (const scopeSpans of listOf(resourceSpans, 'scopeSpans', 'scope_spans')) {
      const group: OtlpGroup = {
        resource,
        scope: readScope(objectOf(scopeSpans, 'scope')),
        source: { format: 'json', resourceSpans, scopeSpans },
      }
      for (const span of listOf(scopeSpans, 'spans')) spans.push(readSpan(span, group))
    }
  }
}

const LARGE_BODY_BYTES = 256 * 1024

/** JSON.parse whose errors say the byte. Of a large body the attributes that are too many are lost. */
export function parseJson(body: Buffer): unknown {
  const tooDeep =
    body.length > LARGE_BODY_BYTES
      ? blankLongAttributes(body, MAX_ATTRIBUTES_SENT)
      : findTooDeep(body)
  if (tooDeep >= 0) {
    throw new DecodeError(
      `invalid JSON at byte ${tooDeep}: nested deeper than ${MAX_JSON_DEPTH} levels`,
    )
  }
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    if (isProtobuf(body)) {
      throw new DecodeError('body does not match Content-Type: it looks like protobuf, not JSON')
    }
    throw new DecodeError(`invalid JSON at byte ${findSyntaxError(body)}`)
  }
}

function isProtobuf(body: Buffer): boolean {
  try {
    return decodeTracesProtobuf(body).spans.length > 0
  } catch {
    return false
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A repeated message of the envelope: null is empty, anything but objects is no OTLP. */
export function listOf(parent: JsonObject, camel: string, snake = camel): JsonObject[] {
  const list = parent[camel] ?? parent[snake] ?? []
  if (!Array.isArray(list)) throw new DecodeError(`invalid OTLP JSON: ${camel} must be an array`)
  const items: unknown[] = list
  if (!items.every(isObject)) {
    throw new DecodeError(`invalid OTLP JSON: ${camel} must hold objects only`)
  }
  return items
}

export function objectOf(parent: JsonObject, key: string): JsonObject {
  const value = parent[key] ?? {}
  if (!isObject(value)) throw new DecodeError(`invalid OTLP JSON: ${key} must be an object`)
  return value
}

export function readResource(source: JsonObject): OtlpResource {
  const resource: OtlpResource = { attributes: [], warnings: null, fault: null }
  resource.attributes = readJsonAttributes(source['attributes'], resource).attributes
  return resource
}

export function readScope(source: JsonObject): OtlpScope {
  const scope: OtlpScope = { name: '', version: '', attributes: [], warnings: null, fault: null }
  scope.name = readJsonText(source['name'], scope, 'scope.name')
  scope.version = readJsonText(source['version'], scope, 'scope.version')
  scope.attributes = readJsonAttributes(source['attributes'], scope).attributes
  return scope
}

const KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
]
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']

function readSpan(source: JsonObject, group: OtlpGroup): OtlpSpan {
  const notes: DecodeNotes = { warnings: null, fault: null }
  const { attributes, overflow } = readJsonAttributes(source['attributes'], notes)
  const status = source['status']
  const statusObject = isObject(status) ? status : {}
  const span: OtlpSpan = {
    group,
    traceId: readId(source['traceId'] ?? source['trace_id']),
    spanId: readId(source['spanId'] ?? source['span_id']),
    parentSpanId: readId(source['parentSpanId'] ?? source['parent_span_id']),
    traceState: readJsonText(source['traceState'] ?? source['trace_state'], notes, 'traceState'),
    name: readJsonText(source['name'], notes, 'name'),
    kind: readEnum(source['kind'], KINDS),
    startUs: readTime(source, { camel: 'startTimeUnixNano', snake: 'start_time_unix_nano', notes }),
    endUs: readTime(source, { camel: 'endTimeUnixNano', snake: 'end_time_unix_nano', notes }),
    attributes,
    droppedAttributesCount:
      readCount(source['droppedAttributesCount'] ?? source['dropped_attributes_count']) + overflow,
    events: [],
    links: [],
    statusCode: readEnum(statusObject['code'], STATUS_CODES),
    statusMessage: readJsonText(statusObject['message'], notes, 'status.message'),
    fault: null,
    warnings: null,
    source,
  }
  span.events = readItems(source, 'events', notes).map((event) =>
    readEvent(event, span.startUs, notes),
  )
  span.links = readItems(source, 'links', notes).map((link) => readLink(link, notes))
  span.fault = notes.fault
  span.warnings = notes.warnings
  checkIds(span)
  return span
}

/** Lower-case; a value that is no string cannot be an id. */
export function readId(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value.slice(0, 64).toLowerCase() : '?'
}

function readEnum(value: unknown, names: string[]): number {
  if (typeof value === 'string') {
    const index = names.indexOf(value)
    if (index >= 0) return index
  }
  const code = Number(value ?? 0)
  return Number.isInteger(code) && code >= 0 && code < names.length ? code : 0
}

export function readCount(value: unknown): number {
  const count = Number(value ?? 0)
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}

const MAX_NANOSECONDS = 2n ** 64n - 1n

/** Nanoseconds as string or number to microseconds. */
function readTime(
  source: JsonObject,
  field: { camel: string; snake: string; notes: DecodeNotes },
): number {
  const value = source[field.camel] ?? source[field.snake] ?? ''
  const micros = toMicroseconds(value)
  if (micros !== null) return micros
  field.notes.fault ??= {
    reason: 'invalid_time',
    message: `${field.camel} must be nanoseconds from 0 to 2^64-1, got ${preview(value)}`,
  }
  return 0
}

export function toMicroseconds(value: unknown): number | null {
  if (value === '') return 0
  if (typeof value === 'number') {
    return value >= 0 && value < 2 ** 64 ? Math.floor(value / 1_000) : null
  }
  if (typeof value !== 'string' || !/^\d{1,40}$/.test(value)) return null
  if (value.length >= 20 && BigInt(value) > MAX_NANOSECONDS) return null
  return Number(value.slice(0, -3))
}

function preview(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40).toWellFormed()
}

/** Events or links: what is no object is left out, and told. */
function readItems(source: JsonObject, key: 'events' | 'links', notes: DecodeNotes): JsonObject[] {
  const list = source[key] ?? []
  if (!Array.isArray(list)) {
    notes.fault ??= { reason: 'invalid_value', message: `${key} must be an array` }
    return []
  }
  const limit = key === 'events' ? MAX_EVENTS : MAX_LINKS
  const items: unknown[] = list
  if (items.length > limit) addWarning(notes, `more than ${limit} ${key}: the first ${limit} kept`)
  const objects = items.slice(0, limit).filter(isObject)
  if (objects.length < Math.min(items.length, limit))
    addWarning(notes, `${key}: not an object, left out`)
  return objects
}

function readEvent(source: JsonObject, startUs: number, notes: DecodeNotes): OtlpEvent {
  const { attributes, overflow } = readJsonAttributes(source['attributes'], notes)
  const time = toMicroseconds(source['timeUnixNano'] ?? source['time_unix_nano'] ?? '')
  if (time === null) addWarning(notes, 'event time is no time: the start of the span is shown')
  return {
    name: readJsonText(source['name'], notes, 'event name'),
    timeUs: time ?? startUs,
    attributes,
    droppedAttributesCount:
      readCount(source['droppedAttributesCount'] ?? source['dropped_attributes_count']) + overflow,
  }
}

function readLink(source: JsonObject, notes: DecodeNotes): OtlpLink {
  return {
    traceId: readId(source['traceId'] ?? source['trace_id']),
    spanId: readId(source['spanId'] ?? source['span_id']),
    traceState: readJsonText(source['traceState'] ?? source['trace_state'], notes, 'traceState'),
    attributes: readJsonAttributes(source['attributes'], notes).attributes,
  }
}
