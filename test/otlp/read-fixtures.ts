import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Span } from '../../server/contract/index.ts'
import { decodeTracesJson } from '../../server/ingest/decode-json.ts'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'
import type { DialectTables } from '../../server/ingest/dialect-plan.ts'
import { describeSpan } from '../../server/ingest/describe.ts'
import { resolveNestedCalls } from '../../server/ingest/nested-calls.ts'
import { dialectTables, normaliseTraces } from '../../server/ingest/normalise.ts'
import type { OtlpSpan } from '../../server/ingest/otlp.ts'
import { summariseSpan } from '../../server/ingest/summarise-span.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { addFinishReasons, asStored, readSpanLogs } from './read-fixture-logs.ts'

const FIXTURES = new URL('../fixtures/otlp/', import.meta.url)

export type ExpectedSpan = { spanId: string; messagesIn: string | null; [field: string]: unknown }

export type ExpectedTrace = { [field: string]: unknown }

export type FixtureCase = {
  source: string
  name: string
  expected: {
    /** Absent where the payload was captured from the real packages. */
    origin?: 'documented' | 'captured'
    spans: ExpectedSpan[]
    trace: ExpectedTrace
    derivedCalls: unknown[]
  }
  /** What the reader made of the case's trace requests and of the log records of those spans. */
  spans: { span: Span; record: SpanRecord }[]
  /** Messages in log records are compared too. */
  withLogs: true
  /** The sender's packages and versions. */
  versions: string[]
}

type ExpectedFile = {
  origin?: 'documented' | 'captured'
  packages: Record<string, string>
  files: { traces: string[]; logs?: string[] }
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
  return readFolder(source, new URL(`${source}/`, FIXTURES))
}

/** The cases of any folder, by the registered dialects or the tables given. */
export function readFolder(source: string, folder: URL, tables?: DialectTables): FixtureCase[] {
  return caseFiles(folder).map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8')
    const expected = JSON.parse(text) as ExpectedFile
    const urls = (names: readonly string[] = []) => names.map((name) => new URL(name, folder))
    const spans = readSpans(urls(expected.files.traces), urls(expected.files.logs), tables)
    return {
      source,
      name: file.replace('.expected.json', ''),
      expected: { derivedCalls: [], ...expected },
      spans,
      withLogs: true,
      versions: sendersOf(expected.packages),
    }
  })
}

/** The spans of all cases, as sent. */
export function decodeSource(source: string): OtlpSpan[] {
  const folder = new URL(`${source}/`, FIXTURES)
  return caseFiles(folder).flatMap((file) => {
    const { files } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ExpectedFile
    return files.traces.flatMap((name) => decodeFixture(new URL(name, folder)))
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

/** All trace requests of a case as one batch: a call told by several spans counts once. */
function readSpans(
  files: readonly URL[],
  logFiles: readonly URL[],
  tables: DialectTables = dialectTables(),
): FixtureCase['spans'] {
  const spans = files.flatMap(decodeFixture)
  // Captured times lie in the past: read as if the request had come at its last span's end.
  const nowUs = Math.max(0, ...spans.map((span) => span.endUs))
  const { records, indexes, rejected } = normaliseTraces(
    { format: 'protobuf', spans },
    { nowUs, tables },
  )
  if (rejected.length > 0) {
    throw new Error(`${files[0]?.pathname}: ${rejected.map(({ message }) => message).join(', ')}`)
  }
  resolveNestedCalls(records)
  const logsBySpan = readSpanLogs(logFiles)
  return records.flatMap((record, at) => {
    const span = spans[indexes[at] ?? at]
    if (span === undefined) return []
    const logs = logsBySpan.get(span.spanId) ?? []
    addFinishReasons(record, logs)
    return [
      { record, span: describeSpan(span, summariseSpan(record), { logs: asStored(logs), tables }) },
    ]
  })
}
