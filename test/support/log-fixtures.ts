import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { decodeLogs, shiftLogs, type PlainLogs } from '../otlp/logs-proto.ts'
import { decodeRequest } from '../otlp/trace-proto.ts'

const FIXTURES = new URL('../fixtures/otlp/', import.meta.url)
const DAY_MS = 86_400_000
const DAY_NS = 86_400_000_000_000n

type Files = { traces: string[]; logs?: string[] }

/** The requests of a captured case as plain OTLP/JSON objects. */
export type CaseRequests = { traces: unknown[]; logs: PlainLogs[] }

export function caseNames(source: string): string[] {
  return readdirSync(new URL(`${source}/`, FIXTURES))
    .filter((file) => file.endsWith('.expected.json'))
    .map((file) => file.replace('.expected.json', ''))
    .sort()
}

export function readExpected<T>(source: string, name: string): T {
  return JSON.parse(readFileSync(new URL(`${source}/${name}.expected.json`, FIXTURES), 'utf8')) as T
}

export function readRequests(source: string, name: string): CaseRequests {
  const { files } = readExpected<{ files: Files }>(source, name)
  const read = <T>(file: string, decode: (body: Buffer) => T): T => {
    const sent = readFileSync(new URL(`${source}/${file}`, FIXTURES))
    const body = file.endsWith('.gz') ? gunzipSync(sent) : sent
    return /\.json(\.gz)?$/.test(file) ? (JSON.parse(body.toString('utf8')) as T) : decode(body)
  }
  return {
    traces: files.traces.map((file) => read<unknown>(file, decodeRequest)),
    logs: (files.logs ?? []).map((file) => read(file, decodeLogs)),
  }
}

/** The requests moved by the whole days that lie between their capture and yesterday. */
export function movedToYesterday(requests: CaseRequests, nowMs: number): CaseRequests {
  const captured = /[tT]imeUnixNano":"(\d{13})\d{6}"/.exec(JSON.stringify(requests))
  const days = Math.floor((nowMs - Number(captured?.[1] ?? 0)) / DAY_MS) - 1
  return {
    traces: requests.traces.map((body) => shiftIn(body, BigInt(days) * DAY_NS)),
    logs: requests.logs.map((body) => shiftLogs(body, days)),
  }
}

function shiftIn(value: unknown, shiftNs: bigint): unknown {
  if (Array.isArray(value)) return value.map((item) => shiftIn(item, shiftNs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      const isTime = /^(start|end)?timeUnixNano$/i.test(key) && typeof inner === 'string'
      return [key, isTime ? String(BigInt(inner) + shiftNs) : shiftIn(inner, shiftNs)]
    }),
  )
}

/** The trace that a captured span belongs to. */
export function traceIdOf(traces: unknown, spanId: string): string {
  const found = findSpan(traces, spanId)
  if (found === undefined) throw new Error(`no span ${spanId} in the captured requests`)
  return found
}

function findSpan(value: unknown, spanId: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Record<string, unknown>
  if (fields['spanId'] === spanId && 'name' in fields) return String(fields['traceId'])
  for (const inner of Object.values(fields)) {
    const found = findSpan(inner, spanId)
    if (found !== undefined) return found
  }
  return undefined
}
