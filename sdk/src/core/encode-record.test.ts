import type { Attributes } from '@opentelemetry/api'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import type { ContentPolicy } from './content.ts'
import { BatchEncoder } from './encode-batch.ts'
import { writeLog, writeSpan } from './encode-record.ts'
import { Content } from './fields.ts'
import { createSpanEncoder } from './record-encoder.ts'
import type { LogRecord, Scope, SpanRecord } from './span-record.ts'

// What OTLP says of the two requests, in the words of its .proto files.
const { root } = protobuf.parse(`syntax = "proto3";
message Traces { repeated ResourceSpans groups = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopes = 2; }
message ScopeSpans { Scope scope = 1; repeated Span records = 2; string schema_url = 3; }
message Logs { repeated ResourceLogs groups = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scopes = 2; }
message ScopeLogs { Scope scope = 1; repeated LogRecord records = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
  repeated Event events = 11; uint32 dropped_events_count = 12;
  repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
message Status { string message = 2; int32 code = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; repeated KeyValue attributes = 6;
  bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;
}
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value {
  string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }`)

type Plain = Record<string, unknown>

function decode(type: 'Traces' | 'Logs', body: Uint8Array): { groups: DecodedGroup[] } {
  const message = root.lookupType(type)
  return message.toObject(message.decode(body), {
    longs: String,
    defaults: true,
    oneofs: true,
  }) as { groups: DecodedGroup[] }
}

type DecodedGroup = {
  resource: Plain
  scopes: { scope: Plain; schemaUrl: string; records: Plain[] }[]
}

/** The values as protobufjs shows them. */
function anyValue(value: unknown): Plain {
  if (typeof value === 'string') return { stringValue: wellFormed(value), value: 'stringValue' }
  if (typeof value === 'boolean') return { boolValue: value, value: 'boolValue' }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? { intValue: BigInt(value).toString(), value: 'intValue' }
      : { doubleValue: value, value: 'doubleValue' }
  }
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value), value: 'bytesValue' }
  if (Array.isArray(value)) {
    return { arrayValue: { values: value.map(anyValue) }, value: 'arrayValue' }
  }
  if (typeof value !== 'object' || value === null) return {}
  return { kvlistValue: { values: keyValues(value as Plain) }, value: 'kvlistValue' }
}

function keyValues(attributes: Plain = {}): Plain[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key: wellFormed(key), value: anyValue(value) }))
}

/** UTF-8 has no halves of surrogate pairs; encoders put U+FFFD there. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}

function nanoseconds([seconds, nanos]: readonly [number, number]): string {
  return (BigInt(seconds) * 1_000_000_000n + BigInt(nanos)).toString()
}

function id(hex: string | undefined): Buffer {
  return Buffer.from(hex ?? '', 'hex')
}

function expectedSpan(span: SpanRecord): Plain {
  const { code, message } = span.status
  return {
    traceId: id(span.traceId),
    spanId: id(span.spanId),
    traceState: span.traceState ?? '',
    parentSpanId: id(span.parentSpanId),
    name: wellFormed(span.name),
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.start),
    endTimeUnixNano: nanoseconds(span.end),
    attributes: keyValues(span.parts[0]),
    droppedAttributesCount: span.droppedAttributesCount ?? 0,
    events: span.events.map(({ name, time, attributes, droppedAttributesCount = 0 }) => ({
      timeUnixNano: nanoseconds(time),
      name: wellFormed(name),
      attributes: keyValues(attributes),
      droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount ?? 0,
    links: span.links.map((link) => ({
      traceId: id(link.traceId),
      spanId: id(link.spanId),
      traceState: link.traceState ?? '',
      attributes: keyValues(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount ?? 0,
      flags: link.flags ?? 0,
    })),
    droppedLinksCount: span.droppedLinksCount ?? 0,
    status: code === 0 && !message ? null : { message: wellFormed(message ?? ''), code },
    flags: span.flags,
  }
}

const anyText = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary' }), weight: 4 },
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  // Halves of surrogate pairs, alone and at either end.
  fc.constantFrom('\ud800', 'a\udc00b', '\udc00\ud800', '😀\ud83d'),
  // At the borders where a length takes one byte more, by characters of one, two and three bytes.
  fc
    .tuple(fc.constantFrom('x', 'é', '漢', '😀'), fc.constantFrom(5_460, 5_462, 16_384, 70_000))
    .map(([character, length]) => character.repeat(length)),
  fc
    .tuple(fc.constantFrom('x', 'é', '漢'), fc.integer({ min: 20, max: 140 }))
    .map(([c, n]) => c.repeat(n)),
)
const anyNumber = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    2 ** 32,
    -1,
    -(2 ** 32),
    2 ** 53,
    2 ** 63,
    1e300,
  ),
)
const anyAttribute: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

const attributesOf = (value: fc.Arbitrary<unknown>) =>
  fc
    .dictionary(anyText, fc.oneof(value, fc.constant(undefined)), {
      maxKeys: 8,
      noNullPrototype: true,
    })
    .map((attributes) => attributes as Attributes)

const hex = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => Buffer.from(bytes).toString('hex'))
const time = fc.tuple(
  fc.integer({ min: 0, max: 9_000_000_000 }),
  fc.integer({ min: 0, max: 999_999_999 }),
)
const count = fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined })
const attributes = attributesOf(anyAttribute)

/** Those that are undefined are left out, as the types have it. */
function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}

const scopes: readonly Scope[] = [
  { name: 'sightline', version: '1.0.0', schemaUrl: 'https://example.org/1' },
  { name: '', attributes: { 'scope.kind': 'library' } },
]
const resources: readonly Attributes[] = [{ 'service.name': 'a' }, { 'service.name': 'b', n: 3 }]

const spanRecord: fc.Arbitrary<SpanRecord> = fc
  .record({
    traceId: hex(16),
    spanId: hex(8),
    parentSpanId: fc.option(hex(8), { nil: undefined }),
    traceState: fc.option(fc.constantFrom('', 'a=1,b=2'), { nil: undefined }),
    flags: fc.constantFrom(0, 1, 0x101, 0x301),
    name: anyText,
    kind: fc.integer({ min: 0, max: 4 }),
    start: time,
    end: time,
    // Of a name said twice the place is the last one's.
    parts: fc.tuple(attributes),
    events: fc.array(
      fc.record({ name: anyText, time, attributes: fc.option(attributes, { nil: undefined }) }),
      { maxLength: 3 },
    ),
    links: fc.array(
      fc.record({ traceId: hex(16), spanId: hex(8), flags: fc.constantFrom(0, 0x101), attributes }),
      { maxLength: 2 },
    ),
    status: fc
      .record({ code: fc.constantFrom(0, 1, 2), message: fc.option(anyText, { nil: undefined }) })
      .map(compact),
    resource: fc.constantFrom(...resources),
    scope: fc.constantFrom(...scopes),
    droppedAttributesCount: count,
    droppedEventsCount: count,
    droppedLinksCount: count,
  })
  .map((span) => compact(span) as SpanRecord)

// The first test: later ones use up the keys that are remembered.
test('attributes that repeat are what they were, in every span of every batch', () => {
  const encoder = createSpanEncoder({
    policy: full,
    maxBytes: 20_000,
    collector: { takesStructured: true },
  })
  const [resource = {}] = resources
  const [scope = { name: '' }] = scopes
  const said: Plain[] = []
  const read: Plain[] = []
  const takeAll = () => {
    for (let batch = encoder.take(); batch !== undefined; batch = encoder.take()) {
      for (const { scopes: inner } of decode('Traces', batch.body(0)).groups)
        read.push(...inner.flatMap(({ records }) => records))
    }
  }
  for (let index = 0; index < 600; index++) {
    const attributes = {
      model: `model-${Math.floor(index / 50)}`,
      reasons: Object.freeze(['stop']) as unknown as string[],
      changing: ['a', String(index)],
      tokens: index % 7 < 5 ? 12 : index,
      text: 'x'.repeat((index * 7_919) % 1_000),
      isStream: index % 3 === 0 ? undefined : true,
    }
    said.push({ attributes: keyValues(attributes) })
    void encoder.add({ ...emptySpan, parts: [attributes], resource, scope })
    if (encoder.isFull) takeAll()
  }
  takeAll()

  expect(read.map(({ attributes }) => ({ attributes }))).toEqual(said)
})

test('what is read from the wire is what the spans said', () => {
  fc.assert(
    fc.property(fc.array(spanRecord, { minLength: 1, maxLength: 6 }), (spans) => {
      const encoder = new BatchEncoder(64 * 1_024 * 1_024)
      for (const span of spans) encoder.add(span, (writer) => writeSpan(writer, span, {}))
      const { groups } = decode('Traces', encoder.take()?.body(0) ?? new Uint8Array())

      const read = groups.flatMap(({ resource, scopes: inner }) =>
        inner.flatMap(({ scope, schemaUrl, records }) =>
          records.map((record) => ({ resource, scope, schemaUrl, record })),
        ),
      )
      const said = spans.map((span) => ({
        resource: { attributes: keyValues(span.resource) },
        scope: {
          name: span.scope.name,
          version: span.scope.version ?? '',
          attributes: keyValues(span.scope.attributes),
        },
        schemaUrl: span.scope.schemaUrl ?? '',
        record: expectedSpan(span),
      }))
      // Those of one resource and scope stand together, in the order they ended.
      const inOrder = resources.flatMap((resource) =>
        scopes.flatMap((scope) =>
          said.filter(
            (_, index) => spans[index]?.resource === resource && spans[index].scope === scope,
          ),
        ),
      )
      expect(sorted(read)).toEqual(sorted(inOrder))
    }),
  )
})

/** By resource and scope only: within them the order is part of what is tested. */
function sorted<T extends { resource: Plain; scope: Plain }>(items: readonly T[]): T[] {
  const groupOf = ({ resource, scope }: T) =>
    JSON.stringify([resource['attributes'], scope['name']])
  return items.toSorted((a, b) => groupOf(a).localeCompare(groupOf(b)))
}

test('of a name said several times the last value is written, once, and content is passed over', () => {
  const names = fc.constantFrom('a', 'gen_ai.request.model', 'é', 'x'.repeat(300))
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(undefined),
    fc.constant(new Content('input', 'x')),
  )
  const parts = fc.array(fc.dictionary(names, value, { noNullPrototype: true }), { maxLength: 6 })
  fc.assert(
    fc.property(parts, spanRecord, (said, span) => {
      const last = new Map<string, unknown>()
      for (const part of said) {
        for (const [key, item] of Object.entries(part)) if (item !== undefined) last.set(key, item)
      }
      const encoder = new BatchEncoder(1_024 * 1_024)
      encoder.add(span, (writer) => writeSpan(writer, { ...span, parts: said }, {}))
      const { groups } = decode('Traces', encoder.take()?.body(0) ?? new Uint8Array())
      const written = groups[0]?.scopes[0]?.records[0]?.['attributes'] as { key: string }[]

      const plain = [...last].filter(([, item]) => !(item instanceof Content))
      const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1)
      expect(written.toSorted(byKey)).toEqual(
        plain.map(([key, item]) => ({ key, value: anyValue(item) })).toSorted(byKey),
      )
    }),
  )
})

test('a log record says when, about which span, and its attributes', () => {
  fc.assert(
    fc.property(attributes, time, fc.option(hex(16), { nil: undefined }), (fields, at, traceId) => {
      const log: LogRecord = {
        eventName: 'gen_ai.evaluation.result',
        time: at,
        traceId,
        spanId: undefined,
        fields,
        resource: resources[0] ?? {},
        scope: scopes[0] ?? { name: '' },
      }
      const encoder = new BatchEncoder(1_024 * 1_024)
      encoder.add(log, (writer) => writeLog(writer, log, fields))
      const { groups } = decode('Logs', encoder.take()?.body(0) ?? new Uint8Array())

      expect(groups[0]?.scopes[0]?.records).toEqual([
        {
          timeUnixNano: nanoseconds(at),
          severityNumber: 9,
          attributes: keyValues(fields),
          traceId: id(traceId),
          spanId: id(undefined),
          observedTimeUnixNano: nanoseconds(at),
          eventName: 'gen_ai.evaluation.result',
        },
      ])
    }),
  )
})

/** Strings, numbers as JSON knows them, lists and maps. */
const anyJson = fc
  .jsonValue({ maxDepth: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const anyContent = fc.oneof(
  fc.array(fc.record({ role: anyText, parts: fc.array(anyJson) })),
  anyJson,
)

function encodeContent(content: Content, policy: ContentPolicy, takesStructured: boolean): unknown {
  const collector = { takesStructured }
  const encoder = createSpanEncoder({ policy, maxBytes: 1e7, collector })
  const [resource = {}] = resources
  const [scope = { name: '' }] = scopes
  const span = { ...emptySpan, parts: [{ a: 1 }, { content }, { b: 2 }], resource, scope }
  expect(encoder.add(span)).toBeUndefined()
  const [group] = decode('Traces', encoder.take()?.body(0) ?? new Uint8Array()).groups
  const attributes = (group?.scopes[0]?.records[0]?.['attributes'] ?? []) as Plain[]
  expect(attributes.map(({ key }) => key).filter((key) => key !== 'content')).toEqual(
    expect.arrayContaining(['a', 'b']),
  )
  return attributes.find(({ key }) => key === 'content')?.['value']
}

const emptySpan: Omit<SpanRecord, 'parts' | 'resource' | 'scope'> = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  parentSpanId: undefined,
  flags: 1,
  name: 'chat',
  kind: 2,
  start: [1, 2],
  end: [3, 4],
  events: [],
  links: [],
  status: { code: 0 },
}

function textOf(value: unknown): string {
  return (value as { stringValue: string }).stringValue
}

test('content as it is says what its JSON says', () => {
  fc.assert(
    fc.property(anyContent, (value) => {
      const content = new Content('input.messages', value)
      const policy: ContentPolicy = { mode: 'full', maxBytes: 1e7 }

      const structured = encodeContent(content, policy, true)

      expect(structured).toEqual(anyValue(wellFormedIn(value)))
      const json = JSON.parse(textOf(encodeContent(content, policy, false))) as unknown
      expect(structured).toEqual(anyValue(wellFormedIn(json)))
    }),
    { numRuns: 400 },
  )
})

/** In every text, the keys included. */
function wellFormedIn(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value)
  if (Array.isArray(value)) return value.map(wellFormedIn)
  // JSON knows no -0.
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [wellFormed(key), wellFormedIn(item)]),
  )
}

const nested = (depth: number): unknown => (depth === 0 ? 'in' : [nested(depth - 1)])
const full: ContentPolicy = { mode: 'full', maxBytes: 64_000 }

test.each<[string, Content, ContentPolicy]>([
  ['deep content', new Content('input.messages', nested(25)), full],
  ['a vector', new Content('input.messages', [{ parts: Array(100).fill(0.5) }]), full],
  ['bytes', new Content('input.messages', [{ parts: [new Uint8Array(9)] }]), full],
  ['media', new Content('output.messages', [{ parts: [{ type: 'blob', content: 'aGk=' }] }]), full],
  [
    'a link that holds its data',
    new Content('output.messages', [{ type: 'uri', uri: 'data:image/png;base64,aGk=' }]),
    full,
  ],
  [
    'a picture in a text',
    new Content('input.messages', [`![](data:image/png;base64,${'aGk'.repeat(900)})`]),
    full,
  ],
  ['a text of many bytes', new Content('input.messages', ['漢'.repeat(30_000)]), full],
  ['one long text', new Content('input.messages', ['x'.repeat(70_000)]), full],
  ['many texts', new Content('input.messages', Array<string>(90).fill('漢'.repeat(400))), full],
  ['what is masked', new Content('input.messages', ['secret']), { ...full, mode: 'redacted' }],
  [
    'what a hook changes',
    new Content('input.messages', ['secret']),
    { ...full, redact: () => ['seen'] },
  ],
  ['what is a text itself', new Content('retrieval.query', 'capital of Peru'), full],
  ['arguments', new Content('tool.arguments', { city: 'Lima' }), full],
])('%s goes as a text all the same', (_, content, policy) => {
  const value = encodeContent(content, policy, true)

  expect(value).toMatchObject({ value: 'stringValue' })
  expect(value).toEqual(encodeContent(content, policy, false))
})

test('what nobody may see is left out, and nothing stands for what is undefined', () => {
  const content = new Content('input.messages', ['secret'])
  const gap = new Content('input.messages', [undefined, { a: undefined }])

  expect(encodeContent(content, { ...full, mode: 'none' }, true)).toBeUndefined()
  expect(encodeContent(new Content('input.messages', undefined), full, true)).toBeUndefined()
  expect(encodeContent(gap, full, true)).toEqual(anyValue([null, {}]))
})
