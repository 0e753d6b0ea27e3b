/** A small OTLP protobuf writer for tests: the numbers are opentelemetry-proto's field numbers. */

export type SpanInput = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind?: number
  startMs: number
  endMs: number
  attributes?: Record<string, string | number | boolean>
  status?: { code: number; message?: string }
}

export type TracesInput = {
  resource?: Record<string, string | number | boolean>
  scope?: { name: string; version?: string }
  spans: SpanInput[]
}

/** ExportTraceServiceRequest with one resource and one scope. */
export function encodeTraces({ resource, scope, spans }: TracesInput): Buffer {
  const resourceBytes = message(1, Buffer.concat(attributeFields(1, resource ?? {})))
  const scopeBytes = message(
    1,
    Buffer.concat([text(1, scope?.name ?? 'test'), text(2, scope?.version ?? '1.0.0')]),
  )
  const spanBytes = spans.map((span) => message(2, encodeSpan(span)))
  const scopeSpans = message(2, Buffer.concat([scopeBytes, ...spanBytes]))
  return message(1, Buffer.concat([resourceBytes, scopeSpans]))
}

function encodeSpan(span: SpanInput): Buffer {
  return Buffer.concat([
    message(1, Buffer.from(span.traceId, 'hex')),
    message(2, Buffer.from(span.spanId, 'hex')),
    ...(span.parentSpanId === undefined ? [] : [message(4, Buffer.from(span.parentSpanId, 'hex'))]),
    text(5, span.name),
    Buffer.concat([tag(6, 0), varint(span.kind ?? 3)]),
    fixed64(7, span.startMs),
    fixed64(8, span.endMs),
    ...attributeFields(9, span.attributes ?? {}),
    ...(span.status === undefined
      ? []
      : [
          message(
            15,
            Buffer.concat([
              text(2, span.status.message ?? ''),
              Buffer.concat([tag(3, 0), varint(span.status.code)]),
            ]),
          ),
        ]),
  ])
}

function attributeFields(
  field: number,
  attributes: Record<string, string | number | boolean>,
): Buffer[] {
  return Object.entries(attributes).map(([key, value]) =>
    message(field, Buffer.concat([text(1, key), message(2, anyValue(value))])),
  )
}

function anyValue(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return message(1, Buffer.from(value))
  if (typeof value === 'boolean') return Buffer.concat([tag(2, 0), varint(value ? 1 : 0)])
  if (Number.isInteger(value)) return Buffer.concat([tag(3, 0), varint(value)])
  const double = Buffer.alloc(8)
  double.writeDoubleLE(value)
  return Buffer.concat([tag(4, 1), double])
}

function fixed64(field: number, epochMs: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(Math.round(epochMs * 1_000)) * 1_000n)
  return Buffer.concat([tag(field, 1), bytes])
}

function text(field: number, value: string): Buffer {
  return value === '' ? Buffer.alloc(0) : message(field, Buffer.from(value))
}

function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([tag(field, 2), varint(bytes.length), bytes])
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType)
}

function varint(value: number): Buffer {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
  return Buffer.from(out)
}
