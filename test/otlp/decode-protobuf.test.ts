import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutChunk, cutProtobuf, joinChunk, readChunk } from '../../server/ingest/chunk.ts'
import { decodeTracesJson } from '../../server/ingest/decode-json.ts'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'
import { DecodeError, type OtlpSpan } from '../../server/ingest/otlp.ts'
import { toProto3Json, traceRequest as request } from './trace-arbitrary.ts'
import { decodeRequest, encodeRequest } from './trace-proto.ts'
import { plainSpan, referenceSpans } from './trace-reference.ts'

describe('the hand-written decoder', () => {
  it('reads what protobufjs reads', () => {
    fc.assert(
      fc.property(request, (message) => {
        const body = encodeRequest(message)

        const { spans } = decodeTracesProtobuf(body)

        expect(spans.map(plainSpan)).toEqual(referenceSpans(decodeRequest(body)))
        expect(spans.filter((decoded) => decoded.fault !== null)).toEqual([])
      }),
    )
  })

  it('answers any damage with a DecodeError or spans, and nothing else', () => {
    fc.assert(
      fc.property(request, fc.nat(), fc.nat({ max: 255 }), (message, at, byte) => {
        const body = encodeRequest(message)
        if (body.length === 0) return
        const damaged = Buffer.from(body)
        damaged[at % body.length] = byte
        for (const bytes of [damaged, body.subarray(0, at % body.length)]) {
          try {
            expect(Array.isArray(decodeTracesProtobuf(bytes).spans)).toBe(true)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }
      }),
    )
  })

  it('reads the same from JSON and from protobuf', () => {
    fc.assert(
      fc.property(request, (message) => {
        const fromProtobuf = decodeTracesProtobuf(encodeRequest(message)).spans.map(plainSpan)

        const json = Buffer.from(JSON.stringify(toProto3Json(message)))
        const fromJson = decodeTracesJson(json).spans.map(plainSpan)

        expect(fromJson).toEqual(fromProtobuf)
      }),
    )
  })
})

const body = encodeRequest({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'a' } }] },
      scopeSpans: [{ scope: { name: 's' }, spans: [1, 2, 3, 4].map(sampleSpan) }],
    },
    { scopeSpans: [{ spans: [5, 6].map(sampleSpan) }] },
  ],
})

function sampleSpan(number: number): Record<string, unknown> {
  return {
    traceId: Buffer.alloc(16, 7).toString('base64'),
    spanId: Buffer.alloc(8, number).toString('base64'),
    name: `span ${number}`,
    attributes: [{ key: 'n', value: { intValue: String(number) } }],
  }
}

describe('a malformed body', () => {
  it('of no bytes is an empty request (B1)', () => {
    expect(decodeTracesProtobuf(Buffer.alloc(0)).spans).toEqual([])
  })

  it.each([
    ['truncated', body.subarray(0, 100), 1],
    ['of a wrong wire type', Buffer.from([0x08, 0x01]), 1],
    ['of a wire type that does not exist', Buffer.from([0x0f, 0x00]), 1],
    ['with field number 0', Buffer.concat([body, Buffer.from([0x02, 0x00])]), body.length],
    ['with an endless varint', Buffer.alloc(20, 0xff), 0],
    ['with a length beyond its end', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), 1],
  ])('%s is refused with the byte (B3)', (_, bytes, byte) => {
    expect(() => decodeTracesProtobuf(bytes)).toThrow(DecodeError)
    expect(() => decodeTracesProtobuf(bytes)).toThrow(`invalid protobuf at byte ${byte}`)
  })

  it('that is JSON is told apart (B5)', () => {
    expect(() => decodeTracesProtobuf(Buffer.from('{"resourceSpans":[]}'))).toThrow(
      'body does not match Content-Type',
    )
  })

  it('of a newer sender is read, groups included (B41)', () => {
    // Field 100 as text, field 101 as a group that holds a varint.
    const newer = Buffer.from([0xa2, 0x06, 0x01, 0x41, 0xab, 0x06, 0x08, 0x05, 0xac, 0x06])

    expect(decodeTracesProtobuf(Buffer.concat([newer, body])).spans).toHaveLength(6)
  })
})

describe('a span with a fault keeps its siblings', () => {
  const withSpan = (fields: Record<string, unknown>): OtlpSpan[] => {
    const spans = [sampleSpan(1), { ...sampleSpan(2), ...fields }, sampleSpan(3)]
    return decodeTracesProtobuf(encodeRequest({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))
      .spans
  }

  it.each([
    [{ traceId: Buffer.alloc(8, 1).toString('base64') }, 'traceId must be 32 hex'],
    [{ traceId: Buffer.alloc(16).toString('base64') }, 'traceId must be 32 hex'],
    [{ traceId: Buffer.alloc(500, 1).toString('base64') }, 'traceId must be 32 hex'],
    [{ spanId: '' }, 'spanId must be 16 hex'],
    [{ parentSpanId: Buffer.alloc(4, 1).toString('base64') }, 'parentSpanId must be 16 hex'],
  ])('%j (B24)', (fields, message) => {
    expect(withSpan(fields).map((decoded) => decoded.fault?.message ?? null)).toEqual([
      null,
      message,
      null,
    ])
  })

  it('of 10,001 attributes (B53), while 5,000 lose all but 1,024 (B52)', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: {} }))

    const [, refused] = withSpan({ attributes: many(10_001) })
    const [, cut] = withSpan({ attributes: many(5_000), droppedAttributesCount: 9_000 })

    expect(refused?.fault?.message).toBe('attribute count over 10,000: 10001')
    expect(cut?.fault).toBeNull()
    expect(cut?.attributes).toHaveLength(1_024)
    expect(cut?.droppedAttributesCount).toBe(3_976 + 9_000)
  })

  it('of a value 10,000 deep (B55)', () => {
    const spans = [sampleSpan(1), sampleSpan(2)]
    const flat = encodeRequest({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
    const deepSpan = lengthDelimited(0x12, Buffer.concat([idBytes(), deepAttribute(10_000)]))
    const deep = lengthDelimited(0x0a, lengthDelimited(0x12, deepSpan))

    const decoded = decodeTracesProtobuf(Buffer.concat([flat, deep])).spans

    expect(decoded.map(({ fault }) => fault?.reason ?? null)).toEqual([null, null, 'too_deep'])
  })

  it('takes 63 levels', () => {
    const one = lengthDelimited(0x12, Buffer.concat([idBytes(), deepAttribute(63)]))

    const [decoded] = decodeTracesProtobuf(lengthDelimited(0x0a, lengthDelimited(0x12, one))).spans

    expect(decoded?.fault).toBeNull()
  })

  it('and loses U+0000 with a warning (B42)', () => {
    const [, decoded] = withSpan({
      name: 'n\u0000',
      attributes: [{ key: 'k\u0000', value: { stringValue: `${'x'.repeat(100)}\u0000` } }],
    })

    expect(decoded?.name).toBe('n\ufffd')
    expect(decoded?.attributes).toEqual([{ key: 'k\ufffd', value: `${'x'.repeat(100)}\ufffd` }])
    expect(decoded?.warnings).toHaveLength(3)
  })
})

function idBytes(): Buffer {
  return Buffer.concat([
    lengthDelimited(0x0a, Buffer.alloc(16, 9)),
    lengthDelimited(0x12, Buffer.alloc(8, 9)),
  ])
}

/** An attribute whose value is `depth` lists in one another. */
function deepAttribute(depth: number): Buffer {
  let value: Buffer = Buffer.alloc(0)
  for (let level = 0; level < depth; level++) {
    value = lengthDelimited(0x2a, level === 0 ? value : lengthDelimited(0x0a, value))
  }
  return lengthDelimited(
    0x4a,
    Buffer.concat([lengthDelimited(0x0a, Buffer.from('k')), lengthDelimited(0x12, value)]),
  )
}

function lengthDelimited(tag: number, bytes: Buffer): Buffer {
  const head = [tag]
  let { length } = bytes
  while (length > 0x7f) {
    head.push((length & 0x7f) | 0x80)
    length >>>= 7
  }
  return Buffer.concat([Buffer.from([...head, length]), bytes])
}

describe('a protobuf chunk', () => {
  const traces = decodeTracesProtobuf(body)
  const all = traces.spans.map(plainSpan)

  it('of some spans holds just these, in order, with their resource and scope', () => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4, 5]), (indexes) => {
        const cut = cutProtobuf(body, traces, indexes)

        expect(decodeTracesProtobuf(cut).spans.map(plainSpan)).toEqual(
          indexes.map((index) => all[index]),
        )
        expect(decodeRequest(cut)).toEqual(
          decodeRequest(encodeRequest(fromHex(decodeRequest(cut)))),
        )
      }),
    )
  })

  it('of all spans is the body itself', () => {
    expect(cutChunk(body, traces, [0, 1, 2, 3, 4, 5])).toBe(body)
  })

  it('of several bodies counts through them', () => {
    const chunk = joinChunk('protobuf', [body, cutChunk(body, traces, [1, 4])])

    expect(readChunk('protobuf', chunk).spans.map(plainSpan)).toEqual([...all, all[1], all[4]])
  })

  it('keeps a resource that stands behind its spans, and the schema URLs', () => {
    const behind = lengthDelimited(
      0x0a,
      Buffer.concat([
        lengthDelimited(0x12, lengthDelimited(0x12, idBytes())),
        lengthDelimited(0x1a, Buffer.from('url')),
        lengthDelimited(0x0a, Buffer.from([0x10, 0x05])),
      ]),
    )
    const two = Buffer.concat([behind, body])

    const cut = cutProtobuf(two, decodeTracesProtobuf(two), [0])

    expect(decodeRequest(cut)['resourceSpans']).toMatchObject([
      { resource: { droppedAttributesCount: 5 }, schemaUrl: 'url' },
    ])
  })
})

type Plain = Record<string, unknown>

/** Hex ids back to base64, which protobufjs reads. */
function fromHex(decoded: Plain): Plain {
  return JSON.parse(JSON.stringify(decoded), (key, value: unknown) =>
    /^(traceId|spanId|parentSpanId|bytesValue)$/.test(key)
      ? Buffer.from(value as string, 'hex').toString('base64')
      : value,
  ) as Plain
}
