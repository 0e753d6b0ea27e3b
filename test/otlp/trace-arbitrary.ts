import fc from 'fast-check'

// Trace requests in protobufjs' own form: ids and bytes in base64, 64-bit integers as text.

const id = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
    bytes[0] = 1
    return Buffer.from(bytes).toString('base64')
  })
const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\u0000', ''))
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
// Microseconds beyond 2^53 (the year 2255) are not exact, and quarantined.
const fixed64 = fc.bigInt({ min: 0n, max: 2n ** 53n * 1_000n }).map(String)

const { keyValue } = fc.letrec<{ anyValue: unknown; keyValue: unknown }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: id(3) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('anyValue'), { maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('keyValue'), { maxLength: 3 }) }) }),
  ),
  keyValue: fc.record({ key: text, value: tie('anyValue') }),
}))
const attributes = fc.array(keyValue, { maxLength: 4 })

const span = fc.record(
  {
    traceId: id(16),
    spanId: id(8),
    traceState: text,
    parentSpanId: id(8),
    name: text,
    kind: fc.nat({ max: 5 }),
    startTimeUnixNano: fixed64,
    endTimeUnixNano: fixed64,
    attributes,
    droppedAttributesCount: fc.nat(),
    events: fc.array(
      fc.record({
        timeUnixNano: fixed64,
        name: text,
        attributes,
        droppedAttributesCount: fc.nat(),
      }),
      { maxLength: 2 },
    ),
    links: fc.array(fc.record({ traceId: id(16), spanId: id(8), traceState: text, attributes }), {
      maxLength: 2,
    }),
    status: fc.record({ message: text, code: fc.nat({ max: 2 }) }),
    flags: fc.nat(),
    droppedEventsCount: fc.nat(),
  },
  { requiredKeys: ['traceId', 'spanId'] },
)

export const traceRequest = fc.record({
  resourceSpans: fc.array(
    fc.record(
      {
        resource: fc.record({ attributes }),
        scopeSpans: fc.array(
          fc.record(
            {
              scope: fc.record({ name: text, version: text, attributes }),
              spans: fc.array(span, { maxLength: 3 }),
              schemaUrl: text,
            },
            { requiredKeys: ['spans'] },
          ),
          { maxLength: 2 },
        ),
        schemaUrl: text,
      },
      { requiredKeys: ['scopeSpans'] },
    ),
    { maxLength: 3 },
  ),
})

/** OTLP's JSON: ids as hex, NaN and the infinities by name. */
export function toProto3Json(message: unknown): unknown {
  return JSON.parse(
    JSON.stringify(message, (key, value: unknown) => {
      if (/^(traceId|spanId|parentSpanId)$/.test(key)) {
        return Buffer.from(value as string, 'base64').toString('hex')
      }
      if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
        return Object.is(value, -0) ? '-0' : String(value)
      }
      return value
    }),
  ) as unknown
}
