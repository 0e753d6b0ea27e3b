import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Span } from '../../server/contract/index.ts'
import { decodeTracesJson } from '../../server/ingest/decode-json.ts'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'
import { describeSpan } from '../../server/ingest/describe.ts'
import { normaliseTraces } from '../../server/ingest/normalise.ts'
import type { OtlpSpan } from '../../server/ingest/otlp.ts'
import type { SpanRecord } from '../../server/spans/span.ts'

const FIXTURES = new URL('../fixtures/otlp/', import.meta.url)

export type ExpectedSpan = { spanId: string; messagesIn: string | null; [field: string]: unknown }

export type ExpectedTrace = { [field: string]: unknown }

export type FixtureCase = {
  source: string
  name: string
  expected: { spans: ExpectedSpan[]; trace: ExpectedTrace; derivedCalls: unknown[] }
  /** What the reader made of the case's trace requests; log and metric requests are not read yet. */
  spans: { span: Span; record: SpanRecord }[]
  /** The sender's packages and versions. */
  versions: string[]
}

type ExpectedFile = {
  packages: Record<string, string>
  files: { traces: string[] }
  spans: ExpectedSpan[]
  trace: ExpectedTrace
  derivedCalls?: unknown[]
}

/** The folders that say what a reader must make of their payloads. */
export function listSources(): string[] {
  return readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((source) => caseFiles(new URL(`${source}/`, FIXTURES)).length > 0)
    .sort()
}

function caseFiles(folder: URL): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.expected.json'))
    .sort()
}

export function readCases(source: string): FixtureCase[] {
  const folder = new URL(`${source}/`, FIXTURES)
  return caseFiles(folder).map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8')
    const expected = JSON.parse(text) as ExpectedFile
    const spans = expected.files.traces.flatMap((name) => readSpans(new URL(name, folder)))
    return {
      source,
      name: file.replace('.expected.json', ''),
      expected: { derivedCalls: [], ...expected },
      spans,
      versions: sendersOf(expected.packages),
    }
  })
}

/** The instrumentation packages, without the provider's SDK and OpenTelemetry's own. */
function sendersOf(packages: Record<string, string>): string[] {
  const all = Object.entries(packages)
  const senders = all.filter(([name]) => /instrumentation/.test(name))
  return (senders.length > 0 ? senders : all.slice(0, 1)).map(
    ([name, version]) => `${name} ${version}`,
  )
}

function decodeFixture(file: URL): OtlpSpan[] {
  const sent = readFileSync(file)
  const body = file.pathname.endsWith('.gz') ? gunzipSync(sent) : sent
  const isJson = /\.json(\.gz)?$/.test(file.pathname)
  return (isJson ? decodeTracesJson(body) : decodeTracesProtobuf(body)).spans
}

function readSpans(file: URL): FixtureCase['spans'] {
  const spans = decodeFixture(file)
  const format = 'protobuf'
  // Captured times lie in the past: read as if the request had come at its last span's end.
  const nowUs = Math.max(0, ...spans.map((span) => span.endUs))
  const { records, indexes, rejected } = normaliseTraces({ format, spans }, { nowUs })
  if (rejected.length > 0) {
    throw new Error(`${file.pathname}: ${rejected.map(({ message }) => message).join(', ')}`)
  }
  return records.flatMap((record, at) => {
    const span = spans[indexes[at] ?? at]
    return span === undefined ? [] : [{ record, span: describeSpan(span) }]
  })
}
