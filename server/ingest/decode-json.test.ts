import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeTracesJson } from './decode-json.ts'
import { DecodeError, type OtlpSpan } from './otlp.ts'
import { SAMPLE_NOW_US, sampleBody, sampleRequest, type SampleSpan } from './sample-otlp.ts'

const good: SampleSpan = { attributes: { 'gen_ai.operation.name': 'chat' } }

function decodeOne(sample: SampleSpan): OtlpSpan {
  const [span] = decodeTracesJson(sampleBody(sample)).spans
  if (span === undefined) throw new Error('no span decoded')
  return span
}

function rawAttribute(key: string, value: unknown): SampleSpan {
  return { fields: { attributes: [{ key, value }] } }
}

function valueOf(span: OtlpSpan, key: string): unknown {
  return span.attributes.find((attribute) => attribute.key === key)?.value
}

describe('a body that is no request', () => {
  it.each(['{}', '{"resourceSpans":[]}', '{"resourceSpans":null}', '{"resourceSpans":[{}]}'])(
    '%s holds no spans and is none (B1)',
    (text) => {
      expect(decodeTracesJson(Buffer.from(text)).spans).toEqual([])
    },
  )

  it.each([
    ['', 'invalid JSON at byte 0'],
    ['{"resourceSpans":[', 'invalid JSON at byte 18'],
    ['{"resourceSpans":[}', 'invalid JSON at byte 18'],
    ['[]', 'the JSON body must be an object'],
    ['{"resourceSpans":{}}', 'resourceSpans must be an array'],
    ['{"resourceSpans":[1]}', 'resourceSpans must hold objects only'],
  ])('%j is refused: %s (B2)', (text, message) => {
    expect(() => decodeTracesJson(Buffer.from(text))).toThrow(DecodeError)
    expect(() => decodeTracesJson(Buffer.from(text))).toThrow(message)
  })

  it('is told apart from protobuf under the wrong Content-Type (B5)', () => {
    // ResourceSpans { ScopeSpans { Span {} } }
    const protobuf = Buffer.from([0x0a, 0x04, 0x12, 0x02, 0x12, 0x00])

    expect(() => decodeTracesJson(protobuf)).toThrow('body does not match Content-Type')
  })

  it('is refused where it nests 10,000 deep (B55)', () => {
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`

    expect(() => decodeTracesJson(Buffer.from(deep))).toThrow(/invalid JSON at byte 304: nested/)
  })
})

describe('a span with a fault', () => {
  it.each([
    [{ traceId: '0123' }, 'traceId must be 32 hex'],
    [{ traceId: '0'.repeat(32) }, 'traceId must be 32 hex'],
    [{ traceId: 'ASNFZ4mrze8BI0VniavN7w==' }, 'traceId must be 32 hex'],
    [{ traceId: 7 }, 'traceId must be 32 hex'],
    [{ traceId: null }, 'traceId must be 32 hex'],
    [{ spanId: '0'.repeat(16) }, 'spanId must be 16 hex'],
    [{ parentSpanId: 'xyz' }, 'parentSpanId must be 16 hex'],
    [{ startTimeUnixNano: 'abc' }, 'startTimeUnixNano must be nanoseconds'],
    [{ startTimeUnixNano: '-1' }, 'startTimeUnixNano must be nanoseconds'],
    [{ startTimeUnixNano: -1 }, 'startTimeUnixNano must be nanoseconds'],
    [{ endTimeUnixNano: '18446744073709551616' }, 'endTimeUnixNano must be nanoseconds'],
    [{ name: 5 }, 'name must be a string'],
    [{ attributes: {} }, 'attributes must be an array'],
    [{ events: 'none' }, 'events must be an array'],
  ])('%j is its own fault and keeps its siblings (B24, B34)', (fields, message) => {
    const { spans } = decodeTracesJson(sampleBody(good, { ...good, fields }, good))

    expect(spans.map((span) => span.fault?.message ?? null)).toEqual([
      null,
      expect.stringContaining(message),
      null,
    ])
  })

  it('has more than 10,000 attributes (B53)', () => {
    const attributes = Array.from({ length: 10_001 }, (_, index) => ({ key: `k${index}` }))

    const { spans } = decodeTracesJson(sampleBody(good, { fields: { attributes } }))

    expect(spans.map((span) => span.fault?.message ?? null)).toEqual([
      null,
      'attribute count over 10,000: 10001',
    ])
  })

  it('nests a value deeper than 64', () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? { stringValue: 'x' } : { arrayValue: { values: [nested(depth - 1)] } }

    expect(decodeOne(rawAttribute('a', nested(63))).fault).toBeNull()
    expect(decodeOne(rawAttribute('a', nested(64))).fault?.reason).toBe('too_deep')
  })
})

describe('ids, times and names', () => {
  it('are lower-cased (B25)', () => {
    const span = decodeOne({ fields: { traceId: 'ABCDEF0123456789ABCDEF0123456789' } })

    expect(span.traceId).toBe('abcdef0123456789abcdef0123456789')
    expect(span.fault).toBeNull()
  })

  it('are read as string or number, exact to the microsecond', () => {
    const span = decodeOne({
      fields: { startTimeUnixNano: '1793491200123456789', endTimeUnixNano: 1793491200123457000 },
    })

    expect(span.startUs).toBe(SAMPLE_NOW_US + 123_456)
    expect(span.endUs).toBe(SAMPLE_NOW_US + 123_457)
  })

  it.each(['', '0000000000000000', null])('take the parent %j as a root', (parentSpanId) => {
    expect(decodeOne({ fields: { parentSpanId } }).parentSpanId).toBeNull()
  })

  it('are read in snake_case and with enum names', () => {
    const body = {
      resource_spans: [
        {
          scope_spans: [
            {
              spans: [
                {
                  trace_id: '0123456789abcdef0123456789abcdef',
                  span_id: '0123456789abcdef',
                  parent_span_id: 'fedcba9876543210',
                  start_time_unix_nano: '1000',
                  end_time_unix_nano: '2000',
                  kind: 'SPAN_KIND_CLIENT',
                  status: { code: 'STATUS_CODE_ERROR', message: 'no' },
                  attributes: [{ key: 'a', value: { string_value: 'b' } }],
                },
              ],
            },
          ],
        },
      ],
    }

    const [span] = decodeTracesJson(Buffer.from(JSON.stringify(body))).spans

    expect(span).toMatchObject({
      fault: null,
      parentSpanId: 'fedcba9876543210',
      startUs: 1,
      endUs: 2,
      kind: 3,
      statusCode: 2,
      statusMessage: 'no',
      attributes: [{ key: 'a', value: 'b' }],
    })
  })

  it('survive fields of a newer OTLP (B41)', () => {
    const span = decodeOne({ fields: { futureField: { deep: [1, 2] }, flags: 256 } })

    expect(span.fault).toBeNull()
  })
})

describe('attribute values', () => {
  it.each([
    [{ intValue: '25' }, 25],
    [{ intValue: 25 }, 25],
    [{ intValue: '9223372036854775807' }, 9223372036854775807n],
    [{ intValue: '-9007199254740993' }, -9007199254740993n],
    [{ doubleValue: '0.5' }, 0.5],
    [{ boolValue: 'true' }, true],
    [{ bytesValue: 'aGk=' }, new Uint8Array([104, 105])],
    [{ arrayValue: { values: [{ intValue: '1' }, {}] } }, [1, null]],
    [{ kvlistValue: { values: [{ key: 'k' }] } }, { entries: [{ key: 'k', value: null }] }],
    [{}, null],
    [null, null],
  ])('%j is read without a word (B35)', (value, expected) => {
    const span = decodeOne(rawAttribute('a', value))

    expect(valueOf(span, 'a')).toEqual(expected)
    expect(span.warnings).toBeNull()
  })

  it.each([
    [{ doubleValue: null }, null],
    [{ intValue: '25.7 tokens' }, '25.7 tokens'],
    [{ intValue: '9223372036854775808' }, '9223372036854775808'],
    [{ boolValue: 'yes' }, 'yes'],
    [{ stringValue: 7 }, '7'],
    ['bare', 'bare'],
  ])('%j is kept as %j and told', (value, expected) => {
    const span = decodeOne(rawAttribute('a', value))

    expect(valueOf(span, 'a')).toBe(expected)
    expect(span.warnings).toHaveLength(1)
  })

  it.each(['NaN', 'Infinity', '-Infinity'])(
    'keep the double %s and say so (B37)',
    (doubleValue) => {
      const span = decodeOne(rawAttribute('a', { doubleValue }))

      expect(valueOf(span, 'a')).toBe(Number(doubleValue))
      expect(span.warnings).toEqual([`a: ${doubleValue} is no finite number, read as absent`])
    },
  )

  it('lose U+0000 and lone surrogates, and say so (B42)', () => {
    const body = sampleBody({
      attributes: { ['k\u0000']: 'v\u0000v' },
      fields: { name: 'n\u0000' },
      resource: { 'service.name': 's\u0000' },
    })
    const lone = Buffer.from(
      sampleBody({ attributes: { lone: 'a-b' } })
        .toString()
        .replace('a-b', String.raw`a\ud800b`),
    )

    const [span] = decodeTracesJson(body).spans
    const [second] = decodeTracesJson(lone).spans

    expect(span?.name).toBe('n\ufffd')
    expect(span?.attributes).toEqual([{ key: 'k\ufffd', value: 'v\ufffdv' }])
    expect(span?.group.resource.attributes[0]?.value).toBe('s\ufffd')
    expect(span?.warnings).toHaveLength(3)
    expect(span?.group.resource.warnings).toHaveLength(1)
    expect(second?.attributes[0]?.value).toBe('a\ufffdb')
  })

  it('read invalid UTF-8 as U+FFFD', () => {
    const body = sampleBody({ attributes: { a: 'x-y' } })
    body[body.indexOf('x-y') + 1] = 0xff

    expect(decodeTracesJson(body).spans[0]?.attributes[0]?.value).toBe('x\ufffdy')
  })

  it('keep prototype keys as plain keys (B47)', () => {
    const attributes = { '__proto__.x': 'a', 'constructor.prototype.x': 'b', toString: 'c' }

    const span = decodeOne({ attributes })

    expect(span.attributes.map(({ key }) => key)).toEqual(Object.keys(attributes))
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('shorten a key of 10 KiB but keep two of them apart (B50)', () => {
    const long = 'k'.repeat(10_240)

    const span = decodeOne({ attributes: { [`${long}1`]: 'a', [`${long}2`]: 'b' } })

    const keys = span.attributes.map(({ key }) => key)
    expect(new Set(keys).size).toBe(2)
    expect(keys.every((key) => key.startsWith('k'.repeat(256)) && key.length < 300)).toBe(true)
    expect(span.attributes.map(({ value }) => value)).toEqual(['a', 'b'])
    expect(span.warnings).toHaveLength(1)
  })

  it('keep 1,024 of 5,000 and count the rest (B52)', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index]),
    )

    const span = decodeOne({ attributes, fields: { droppedAttributesCount: 4 } })

    expect(span.attributes).toHaveLength(1_024)
    expect(span.droppedAttributesCount).toBe(3_976 + 4)
    expect(span.warnings).toEqual(['5000 attributes sent: 1024 kept, 3976 dropped'])
    expect(span.fault).toBeNull()
  })

  it('keep 10 MiB of emoji whole (B44, B56)', () => {
    const text = '🙂\u202e\u200b'.repeat(1_048_576)

    const span = decodeOne({ attributes: { text } })

    expect(valueOf(span, 'text')).toBe(text)
    expect(span.warnings).toBeNull()
  })

  it('are cut at 16 MiB on a whole character, with length and hash told (B57)', () => {
    const text = `x${'é'.repeat(10 * 1_024 * 1_024)}`
    const bytes = Buffer.from(text)

    const span = decodeOne({ attributes: { text } })

    const value = valueOf(span, 'text')
    expect(Buffer.byteLength(String(value))).toBe(16 * 1_024 * 1_024 - 1)
    expect(text.startsWith(String(value))).toBe(true)
    const digest = createHash('sha256').update(bytes).digest('hex')
    expect(span.warnings).toEqual([
      `text: cut from ${bytes.length} to ${16 * 1_024 * 1_024 - 1} bytes (sha256 ${digest})`,
    ])
  })

  it('are left out where they are no objects', () => {
    const span = decodeOne({ fields: { attributes: ['x', { key: 'a' }] } })

    expect(span.attributes).toEqual([{ key: 'a', value: null }])
    expect(span.warnings).toEqual(['attribute that is no object: left out'])
  })
})

describe('events and links', () => {
  it('are read; an event whose time is no time stands at the start', () => {
    const span = decodeOne({
      fields: {
        startTimeUnixNano: '5000000',
        events: [
          { name: 'exception', timeUnixNano: '6000000', attributes: [{ key: 'a' }] },
          { name: 'late', timeUnixNano: 'soon' },
          'none',
        ],
        links: [{ traceId: 'AB', spanId: 'CD' }],
      },
    })

    expect(span.events).toMatchObject([
      { name: 'exception', timeUs: 6_000, attributes: [{ key: 'a', value: null }] },
      { name: 'late', timeUs: 5_000 },
    ])
    expect(span.links).toMatchObject([{ traceId: 'ab', spanId: 'cd' }])
    expect(span.warnings).toHaveLength(2)
    expect(span.fault).toBeNull()
  })
})

it('keeps the payload order over resources and scopes', () => {
  const request = sampleRequest(good, good, good)

  const { spans } = decodeTracesJson(Buffer.from(JSON.stringify(request)))

  expect(spans.map((span) => span.spanId)).toEqual([
    'abcdef0000000001',
    'abcdef0000000002',
    'abcdef0000000003',
  ])
})
