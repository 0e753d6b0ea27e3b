import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import {
  honestBatch,
  jsonRequest,
  jsonSpan,
  textAttribute,
  type Attribute,
  type JsonSpan,
} from '../support/json-spans.ts'
import { encodeLoad, makeSpans } from '../support/span-load.ts'

// The bad inputs of reliability-security.md that ingest and the read API meet: one row each.

const MIB = 1024 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const GZIP = { ...PROTOBUF, 'content-encoding': 'gzip' }

/** A request that is answered as a whole. */
export type WholeCase = {
  id: string
  name: string
  body: () => Buffer | string
  headers: Record<string, string>
  method?: string
  path?: string
  status: number
  /** Of the Status; for 200 of the whole body. */
  message: RegExp
  answerHeaders?: Record<string, string>
}

const good = () => encodeLoad(makeSpans(2, { endMs: Date.now() }))
const nothing = () => ''

export const WHOLE_CASES: WholeCase[] = [
  ...(
    [
      ['B1', 'protobuf of no bytes', nothing, PROTOBUF, 200, /^$/],
      ['B1', 'JSON {}', () => '{}', JSON_TYPE, 200, /^\{\}$/],
      ['B1', 'an empty list', () => '{"resourceSpans":[]}', JSON_TYPE, 200, /^\{\}$/],
      [
        'B1',
        'envelopes of nothing',
        () => '{"resourceSpans":[{"scopeSpans":[{"spans":[]}]},{}]}',
        JSON_TYPE,
        200,
        /^\{\}$/,
      ],
      ['B2', 'JSON of no bytes', nothing, JSON_TYPE, 400, /^invalid JSON at byte 0$/],
      ['B2', 'cut JSON', () => '{"resourceSpans":[{', JSON_TYPE, 400, /^invalid JSON at byte 19$/],
      [
        'B2',
        'JSON with a comma too many',
        () => '{"resourceSpans":[],}',
        JSON_TYPE,
        400,
        /^invalid JSON at byte 20$/,
      ],
      [
        'B3',
        'cut protobuf',
        () => good().subarray(0, 90),
        PROTOBUF,
        400,
        /^invalid protobuf at byte 1$/,
      ],
      [
        'B3',
        'a wire type that does not exist',
        () => Buffer.from([0x0f, 0x01]),
        PROTOBUF,
        400,
        /^invalid protobuf at byte 1$/,
      ],
      [
        'B3',
        'a known field of another wire type',
        () => Buffer.from([0x08, 0x01]),
        PROTOBUF,
        400,
        /^invalid protobuf at byte 1$/,
      ],
      [
        'B3',
        'field number 0',
        () => Buffer.from([0x02, 0x00]),
        PROTOBUF,
        400,
        /^invalid protobuf at byte 0$/,
      ],
      ['B4', 'no content type', good, {}, 415, /^use application\/json or application\/x-protobuf/],
      [
        'B4',
        'text/plain',
        good,
        { 'content-type': 'text/plain' },
        415,
        /^use application\/json or application\/x-protobuf/,
      ],
      ['B5', 'protobuf as JSON', good, JSON_TYPE, 400, /^body does not match Content-Type/],
      [
        'B5',
        'JSON as protobuf',
        () => '{"resourceSpans":[]}',
        PROTOBUF,
        400,
        /^body does not match Content-Type/,
      ],
      [
        'B6',
        'brotli',
        good,
        { ...PROTOBUF, 'content-encoding': 'br' },
        415,
        /^gzip, zstd or identity/,
      ],
      [
        'B6',
        'an unknown encoding',
        good,
        { ...PROTOBUF, 'content-encoding': 'snappy' },
        415,
        /^gzip, zstd or identity/,
      ],
      ['B7', 'plain bytes as gzip', good, GZIP, 400, /^gzip: /],
      ['B7', 'gzip with a bad CRC', () => withBadCrc(gzipSync(good())), GZIP, 400, /^gzip: /],
      ['B7', 'cut gzip', () => gzipSync(good()).subarray(0, 60), GZIP, 400, /^gzip: /],
      ['B7', 'gzip twice', () => gzipSync(gzipSync(good())), GZIP, 400, /^gzip: /],
      [
        'B7',
        'plain bytes as zstd',
        good,
        { ...PROTOBUF, 'content-encoding': 'zstd' },
        400,
        /^zstd: /,
      ],
      [
        'B9',
        'a gzip bomb of 10 GiB',
        () => Buffer.concat(Array.from({ length: 160 }, () => ZEROS)),
        GZIP,
        413,
        /^inflated size over 64 MiB/,
      ],
      ['B55', 'JSON 10,000 deep', deepJson, JSON_TYPE, 400, /^invalid JSON at byte \d+: nested/],
    ] as const
  ).map(([id, name, body, headers, status, message]): WholeCase => ({
    id,
    name,
    body,
    headers,
    status,
    message,
    ...(id === 'B9' ? { answerHeaders: { connection: 'close' } } : {}),
  })),
  {
    id: 'B11',
    name: 'an honest batch that inflates to 65 MiB',
    body: () => gzipSync(honestBatch(65 * MIB), { level: 1 }),
    headers: GZIP,
    status: 413,
    message: /^inflated size over 64 MiB/,
    answerHeaders: { connection: 'close' },
  },
  {
    id: 'B16',
    name: 'GET on the path of traces',
    body: nothing,
    headers: {},
    method: 'GET',
    status: 405,
    message: /^use POST/,
    answerHeaders: { allow: 'POST' },
  },
  ...['/v1/profiles', '/v1development/profiles', '/otlp/v1/profiles'].map((path) => ({
    id: 'B17',
    name: `a signal that is not taken, at ${path}`,
    body: () => '{}',
    headers: JSON_TYPE,
    path,
    status: 404,
    message: /^signal not supported/,
  })),
  ...['?api_key=sl_ing_0123456789ab', '?token=x', '?k=sl_ing_0123456789ab'].map((query) => ({
    id: 'B18',
    name: `a key in the address: ${query}`,
    body: good,
    headers: PROTOBUF,
    path: `/v1/traces${query}`,
    status: 401,
    message: /^send the key in a header/,
  })),
]

/** 64 MiB of zeros; members of gzip may follow one another. */
const ZEROS = gzipSync(Buffer.alloc(64 * MIB))

function withBadCrc(bytes: Buffer): Buffer {
  const broken = Buffer.from(bytes)
  broken.writeUInt32LE((broken.readUInt32LE(broken.length - 8) ^ 0xff) >>> 0, broken.length - 8)
  return broken
}

function deepJson(): string {
  const value = '{"arrayValue":{"values":['.repeat(10_000) + ']}}'.repeat(10_000)
  return jsonRequest([`{"attributes":[{"key":"deep","value":${value}}]}`])
}

/** One bad span among good ones; they are always stored. */
export type SpanCase = {
  id: string
  name: string
  span: () => JsonSpan
  resource?: unknown
  /** refused = named in partial_success; warned = stored with a message; taken = nothing to say. */
  answer: 'refused' | 'warned' | 'taken'
  message?: RegExp
  /** What GET of the stored span matches. */
  stored?: (sent: JsonSpan) => Record<string, unknown>
}

/** The span with further attributes; of the same key the later stands. */
function withAttributes(...more: Attribute[]): () => JsonSpan {
  return () => {
    const span = jsonSpan()
    const kept = span.attributes.filter(({ key }) => !more.some((other) => other.key === key))
    return { ...span, attributes: [...kept, ...more] }
  }
}

function refused(title: string, overrides: Record<string, unknown>, message: RegExp): SpanCase {
  const [id = '', ...name] = title.split(' ')
  return { id, name: name.join(' '), span: () => jsonSpan(overrides), answer: 'refused', message }
}

const DAY_MS = 86_400_000
const HOSTILE = ['__proto__.x', 'constructor.prototype.x', 'toString', '__proto__']
const LONG_KEY = 'k'.repeat(10 * 1024)
const EMOJI = '🦊\u202e\u200b👩‍👩‍👧 '
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `a${index}`, value: { intValue: index } }))

export const SPAN_CASES: SpanCase[] = [
  refused('B24 a short trace id', { traceId: 'abc' }, /^span 1: traceId must be 32 hex/),
  refused(
    'B24 a trace id of zeros',
    { traceId: '0'.repeat(32) },
    /^span 1: traceId must be 32 hex/,
  ),
  refused(
    'B24 a trace id in base64',
    { traceId: 'W47/95gDgQPSabYzgT/GDA==' },
    /^span 1: traceId must be 32 hex/,
  ),
  refused('B24 a span id of zeros', { spanId: '0'.repeat(16) }, /^span 1: spanId must be 16 hex/),
  {
    id: 'B25',
    name: 'ids in capitals',
    span: () => jsonSpan({ traceId: randomBytes(16).toString('hex').toUpperCase() }),
    answer: 'taken',
    stored: (sent) => ({ traceId: String(sent['traceId']).toLowerCase() }),
  },
  {
    id: 'B31',
    name: 'an end before the start',
    span: () => jsonSpan({ endTimeUnixNano: `${Date.now() - 60_000}000000` }),
    answer: 'warned',
    message: /end before start/,
    stored: (sent) => ({
      durationMs: null,
      endTime: Number(String(sent['endTimeUnixNano']).slice(0, -6)),
    }),
  },
  ...(
    [
      ['a start of 0', '0'],
      ['a start in 1970', '86400000000000'],
    ] as const
  ).map(([name, startTimeUnixNano]): SpanCase => ({
    id: 'B32',
    name,
    span: () => jsonSpan({ startTimeUnixNano }),
    answer: 'warned',
    message: /kept apart/,
    stored: () => ({ startTime: Number(startTimeUnixNano) / 1e6 }),
  })),
  {
    id: 'B32',
    name: 'an end in 7 days',
    span: () => jsonSpan({ endTimeUnixNano: `${Date.now() + 7 * DAY_MS}000000` }),
    answer: 'warned',
    message: /kept apart/,
  },
  ...['abc', '-1', '18446744073709551616'].map((startTimeUnixNano) =>
    refused(
      `B34 a time of ${startTimeUnixNano}`,
      { startTimeUnixNano },
      /^span 1: startTimeUnixNano/,
    ),
  ),
  ...['25', 25].map((intValue): SpanCase => ({
    id: 'B35',
    name: `intValue as ${typeof intValue}`,
    span: withAttributes({ key: 'gen_ai.usage.input_tokens', value: { intValue } }),
    answer: 'taken',
    stored: () => ({ inputTokens: 25 }),
  })),
  ...[null, 'NaN', 'Infinity'].map((doubleValue): SpanCase => ({
    id: 'B37',
    name: `doubleValue ${doubleValue}`,
    span: withAttributes({ key: 'gen_ai.request.temperature', value: { doubleValue } }),
    answer: 'warned',
    message: /gen_ai\.request\.temperature/,
    stored: () => ({ temperature: null, inputTokens: 100 }),
  })),
  ...(
    [
      ['-5 tokens', 'gen_ai.usage.input_tokens', { intValue: -5 }],
      ['1e15 tokens', 'gen_ai.usage.input_tokens', { doubleValue: 1e15 }],
    ] as const
  ).map(([name, key, value]): SpanCase => ({
    id: 'B38',
    name,
    span: withAttributes({ key, value }),
    answer: 'warned',
    message: /implausible usage/,
    stored: () => ({ cost: { totalUsd: null, reason: 'implausible_usage' } }),
  })),
  {
    id: 'B38',
    name: 'a cost of "0,002"',
    span: withAttributes(textAttribute('gen_ai.usage.cost', '0,002')),
    answer: 'warned',
    message: /implausible usage/,
    stored: () => ({ cost: { senderUsd: null } }),
  },
  {
    id: 'B41',
    name: 'fields of a newer OTLP',
    span: () => jsonSpan({ mood: 'sunny', layers: [{ of: 'new' }] }),
    answer: 'taken',
    stored: () => ({ inputTokens: 100 }),
  },
  {
    id: 'B42',
    name: 'U+0000 in value and name',
    span: () => ({ ...withAttributes(textAttribute('user.id', 'u\u0000'))(), name: 'a\u0000b' }),
    answer: 'warned',
    message: /U\+0000 replaced/,
    stored: () => ({ name: 'a\ufffdb', userId: 'u\ufffd' }),
  },
  {
    id: 'B42',
    name: 'U+0000 in the service',
    span: () => jsonSpan(),
    resource: { attributes: [textAttribute('service.name', 'shop\u0000')] },
    answer: 'warned',
    message: /U\+0000 replaced/,
    stored: () => ({ service: 'shop\ufffd' }),
  },
  {
    id: 'B44',
    name: '8 MiB of emoji, right-to-left override and zero-width space',
    span: withAttributes(
      textAttribute('input.value', EMOJI.repeat((8 * MIB) / Buffer.byteLength(EMOJI))),
    ),
    answer: 'taken',
    stored: (sent) => ({ attributes: { 'input.value': textOf(sent, 'input.value') } }),
  },
  {
    id: 'B47',
    name: 'keys that name what every object has',
    span: withAttributes(...HOSTILE.map((key) => textAttribute(key, `value of ${key}`))),
    answer: 'taken',
    stored: () => ({
      attributes: Object.fromEntries(HOSTILE.map((key) => [key, `value of ${key}`])),
    }),
  },
  {
    id: 'B48',
    name: 'an index near 2^32 in a key',
    span: withAttributes(textAttribute('gen_ai.prompt.4294967294.content', 'far out')),
    answer: 'taken',
    stored: () => ({ attributes: { 'gen_ai.prompt.4294967294.content': 'far out' } }),
  },
  {
    id: 'B50',
    name: 'a key of 10 KiB',
    span: withAttributes(textAttribute(LONG_KEY, 'found')),
    answer: 'warned',
    message: /attribute key of 10240 characters cut to 256 and a hash/,
    stored: () => ({
      attributes: {
        [`${'k'.repeat(256)}#${createHash('sha256').update(LONG_KEY).digest('hex').slice(0, 16)}`]:
          'found',
      },
    }),
  },
  {
    id: 'B52',
    name: '5,000 attributes',
    span: () => jsonSpan({ attributes: many(5_000) }),
    answer: 'warned',
    message: /5000 attributes sent: 1024 kept, 3976 dropped/,
    stored: () => ({ attributes: { a0: 0, a1023: 1_023 } }),
  },
  {
    id: 'B53',
    name: '1,000,000 attributes',
    span: () => jsonSpan({ attributes: many(1_000_000) }),
    answer: 'refused',
    message: /^span 1: attribute count over 10,000/,
  },
  {
    id: 'B56',
    name: 'a prompt of 10 MiB and an image of 8 MiB in base64',
    span: withAttributes(
      textAttribute('input.value', randomBytes(5 * MIB).toString('hex')),
      textAttribute('image', randomBytes(6 * MIB).toString('base64')),
    ),
    answer: 'taken',
    stored: (sent) => ({
      attributes: { 'input.value': textOf(sent, 'input.value'), image: textOf(sent, 'image') },
    }),
  },
  {
    id: 'B57',
    name: 'a prompt of 20 MiB',
    span: withAttributes(textAttribute('input.value', `a${'🦊'.repeat(5 * MIB)}`)),
    answer: 'warned',
    message: /input\.value: cut from 20971521 to 16777213 bytes \(sha256 [0-9a-f]{64}\)/,
    stored: () => ({ attributes: { 'input.value': `a${'🦊'.repeat(4 * MIB - 1)}` } }),
  },
]

function textOf(span: JsonSpan, key: string): unknown {
  const found = span.attributes.find((attribute) => attribute.key === key)
  return (found?.value as { stringValue?: string } | undefined)?.stringValue
}

/** A query of the read API: refused with a message, or answered with nothing in it. */
export type QueryCase = { id: string; name: string; path: string; message?: RegExp }

const INJECTIONS = ["' OR 1=1 --", '$1', ';drop table spans', '%', '\\']
const term = (value: string) => `f=${encodeURIComponent(value)}`

export const QUERY_CASES: QueryCase[] = [
  ...INJECTIONS.flatMap((value) => [
    { id: 'B58', name: `${value} as a value`, path: `/traces?${term(`model:eq:${value}`)}` },
    { id: 'B58', name: `${value} as a key`, path: `/spans?${term(`attr.${value}:eq:1`)}` },
    { id: 'B58', name: `${value} in a list`, path: `/spans?${term(`user:in:${value},x`)}` },
  ]),
  {
    id: 'B59',
    name: 'an unknown field',
    path: `/traces?${term('colour:eq:red')}`,
    message: /unknown filter field 'colour' at position 0/,
  },
  {
    id: 'B59',
    name: 'an unknown field on metrics',
    path: `/metrics?metric=requests&${term('colour:eq:red')}`,
    message: /unknown filter field 'colour' at position 0/,
  },
  {
    id: 'B59',
    name: '10,000 terms',
    path: `/traces?${Array.from({ length: 10_000 }, () => 'f=type:eq:llm').join('&')}`,
    message: /^\d+ filter terms given, at most 20 are read: term 21 is one too many/,
  },
  {
    id: 'B59',
    name: 'terms 50 deep',
    path: `/traces?${term(`${'('.repeat(50)}model:eq:x${')'.repeat(50)}`)}`,
    message: /at position 0/,
  },
  {
    id: 'B59',
    name: 'a regular expression',
    path: `/traces?${term('model:regex:(a+)+$')}`,
    message: /unknown operator 'regex' at position 6/,
  },
  {
    id: 'B59',
    name: 'half a term',
    path: `/traces?${term('model')}`,
    message: /'model' is not field:op:value, see position 0/,
  },
  ...['/traces', '/spans', '/metrics?metric=requests'].flatMap((path) => {
    const and = path.includes('?') ? '&' : '?'
    return [
      {
        id: 'B60',
        name: `a range of 10 years on ${path}`,
        path: `${path}${and}from=2016-01-01&to=2026-06-01`,
        message: /^narrow the range/,
      },
      {
        id: 'B60',
        name: `an end before the start on ${path}`,
        path: `${path}${and}from=2026-06-02&to=2026-06-01`,
        message: /^narrow the range/,
      },
    ]
  }),
]
