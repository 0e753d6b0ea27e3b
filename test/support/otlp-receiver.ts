import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import protobuf from 'protobufjs'

export type ReceivedSpan = {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly kind: number
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly string[]
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number
  readonly statusMessage: string
  readonly resource: Readonly<Record<string, unknown>>
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string }
}

export type ReceivedRequest = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** What the receiver answers; `status` 200 keeps the spans. */
export type ReceiverAnswer = {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
}

export type OtlpReceiver = {
  readonly url: string
  readonly spans: ReceivedSpan[]
  readonly requests: ReceivedRequest[]
  /** Answers of the coming requests, in order; 200 once they are used up. */
  readonly answers: ReceiverAnswer[]
  [Symbol.asyncDispose](): Promise<void>
}

/** A collector on loopback that decodes what it gets and keeps it in memory. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const requests: ReceivedRequest[] = []
  const answers: ReceiverAnswer[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      requests.push({ path: request.url ?? '', headers: request.headers })
      const answer = answers.shift() ?? { status: 200 }
      const isTraces = request.url?.endsWith('/v1/traces') === true
      if (answer.status === 200 && isTraces) {
        spans.push(...decodeSpans(unpack(body, request.headers['content-encoding'])))
      }
      response.writeHead(answer.status, answer.headers)
      response.end(answer.body)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    requests,
    answers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function unpack(body: Uint8Array, encoding: string | undefined): Uint8Array {
  if (encoding === 'gzip') return gunzipSync(body)
  return encoding === 'zstd' ? zstdDecompressSync(body) : body
}

const field = (id: number, type: string) => ({ id, type })
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' })

const schema = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { resourceSpans: list(1, 'ResourceSpans') } },
    ResourceSpans: {
      fields: { resource: field(1, 'Resource'), scopeSpans: list(2, 'ScopeSpans') },
    },
    Resource: { fields: { attributes: list(1, 'KeyValue') } },
    ScopeSpans: {
      fields: { scope: field(1, 'Scope'), spans: list(2, 'Span'), schemaUrl: field(3, 'string') },
    },
    Scope: { fields: { name: field(1, 'string'), version: field(2, 'string') } },
    Span: {
      fields: {
        traceId: field(1, 'bytes'),
        spanId: field(2, 'bytes'),
        parentSpanId: field(4, 'bytes'),
        name: field(5, 'string'),
        kind: field(6, 'int32'),
        startTimeUnixNano: field(7, 'fixed64'),
        endTimeUnixNano: field(8, 'fixed64'),
        attributes: list(9, 'KeyValue'),
        events: list(11, 'Event'),
        status: field(15, 'Status'),
      },
    },
    Event: { fields: { name: field(2, 'string') } },
    Status: { fields: { message: field(2, 'string'), code: field(3, 'int32') } },
    KeyValue: { fields: { key: field(1, 'string'), value: field(2, 'AnyValue') } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: [
            'stringValue',
            'boolValue',
            'intValue',
            'doubleValue',
            'arrayValue',
            'kvlistValue',
          ],
        },
      },
      fields: {
        stringValue: field(1, 'string'),
        boolValue: field(2, 'bool'),
        intValue: field(3, 'int64'),
        doubleValue: field(4, 'double'),
        arrayValue: field(5, 'ArrayValue'),
        kvlistValue: field(6, 'KeyValueList'),
      },
    },
    ArrayValue: { fields: { values: list(1, 'AnyValue') } },
    KeyValueList: { fields: { values: list(1, 'KeyValue') } },
  },
}).lookupType('Request')

type WireValue = {
  value?: string
  arrayValue?: { values?: WireValue[] }
  kvlistValue?: { values?: WireAttribute[] }
  [key: string]: unknown
}
type WireAttribute = { key: string; value?: WireValue }
type WireSpan = {
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes?: WireAttribute[]
  events?: { name: string }[]
  status?: { code: number; message: string }
}
type WireRequest = {
  resourceSpans?: {
    resource?: { attributes?: WireAttribute[] }
    scopeSpans?: {
      scope?: { name: string; version: string }
      schemaUrl: string
      spans?: WireSpan[]
    }[]
  }[]
}

export function decodeSpans(body: Uint8Array): ReceivedSpan[] {
  const request = schema.toObject(schema.decode(body), {
    longs: String,
    bytes: String,
    defaults: true,
    oneofs: true,
  }) as WireRequest
  return (request.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ scope, schemaUrl, spans }) =>
      (spans ?? []).map((span) => ({
        name: span.name,
        traceId: toHex(span.traceId),
        spanId: toHex(span.spanId),
        parentSpanId: toHex(span.parentSpanId),
        kind: span.kind,
        startMs: toMs(span.startTimeUnixNano),
        endMs: toMs(span.endTimeUnixNano),
        attributes: toRecord(span.attributes),
        events: (span.events ?? []).map((event) => event.name),
        statusCode: span.status?.code ?? 0,
        statusMessage: span.status?.message ?? '',
        resource: toRecord(resource?.attributes),
        scope: { name: scope?.name ?? '', version: scope?.version ?? '', schemaUrl },
      })),
    ),
  )
}

/** In microseconds first: a double cannot hold today's nanoseconds. */
function toMs(nanos: string): number {
  return Number(BigInt(nanos) / 1_000n) / 1_000
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex')
}

function toRecord(attributes: readonly WireAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]))
}

function toValue(value: WireValue | undefined): unknown {
  if (value?.value === undefined) return null
  if (value.value === 'kvlistValue') return toRecord(value.kvlistValue?.values)
  if (value.value === 'arrayValue') return (value.arrayValue?.values ?? []).map(toValue)
  return value.value === 'intValue' ? Number(value['intValue']) : value[value.value]
}
