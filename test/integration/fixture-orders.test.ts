import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listSources } from '../otlp/read-fixtures.ts'
import { REQUIRED_SOURCES } from '../otlp/required-sources.ts'
import { readTraceRequest, splitRequest, type OtlpRequest } from '../support/fixture-requests.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const FIXTURES = new URL('../fixtures/otlp/', import.meta.url)
const DAY_MS = 86_400_000
const METRICS = ['requests', 'tokens_input', 'tokens_output', 'cost', 'errors'] as const

type Expected = { files: { traces: string[] }; trace: Record<string, number | null | undefined> }
type Case = { source: string; name: string; expected: Expected }

function casesOf(source: string): Case[] {
  const folder = new URL(`${source}/`, FIXTURES)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.expected.json'))
    .map((file) => ({
      source,
      name: file.replace('.expected.json', ''),
      expected: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Expected,
    }))
    .filter(({ expected }) => expected.files.traces.length > 0)
}

type Totals = {
  usage: Record<string, number>
  modelCalls: number
  failedModelCalls: number
  embeddingCalls: number
}
type Result = { totals: Totals[]; counted: string[]; metrics: Record<string, number> }

let projects = 0

async function resultOf(requests: OtlpRequest[]): Promise<Result> {
  projects += 1
  const project = `orders-${projects}`
  for (const request of requests) await send(project, request)
  const traceIds = [...new Set(requests.flatMap((request) => request.traceIds))].toSorted()
  const traces = await Promise.all(
    traceIds.map((id) => read<Trace>(`/api/v1/traces/${id}?project=${project}`)),
  )
  const counted = traces.flatMap(({ spans }) => spans.filter((span) => span.countsTokens))
  const sums = await Promise.all(METRICS.map((metric) => metricOf(metric, project)))
  return {
    totals: traces.map(({ totals }) => totals),
    counted: counted.map(({ spanId }) => spanId).toSorted(),
    metrics: Object.fromEntries(METRICS.map((metric, at) => [metric, sums[at] ?? 0])),
  }
}

type Trace = { spans: { spanId: string; countsTokens: boolean }[]; totals: Totals }

async function metricOf(metric: string, project: string): Promise<number> {
  const range = `from=${Date.now() - 3 * DAY_MS}&to=${Date.now() + 60_000}`
  const { series } = await read<{ series: { points: { value: number }[] }[] }>(
    `/api/v1/metrics?metric=${metric}&step=all&project=${project}&${range}`,
  )
  return series[0]?.points[0]?.value ?? 0
}

async function read<T>(path: string): Promise<T> {
  const answer = await fetch(`${server.url}${path}`)
  expect(answer.status, path).toBe(200)
  return (await answer.json()) as T
}

async function send(project: string, { contentType, body }: OtlpRequest): Promise<void> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': contentType, 'x-sightline-project': project },
    body: new Uint8Array(body),
  })
  expect(answer.status).toBe(200)
  expect(await answer.text()).not.toMatch(/rejected/i)
}

function sumOf(totals: Totals[], field: string): number {
  return totals.reduce((sum, { usage }) => sum + (usage[field] ?? 0), 0)
}

/** The embeddings are among the model calls. */
function callsOf(trace: Expected['trace']): number {
  return (trace['modelCalls'] ?? 0) + (trace['embeddingCalls'] ?? 0)
}

describe.each(listSources())('the captured cases of %s', (source) => {
  const required = (REQUIRED_SOURCES as readonly string[]).includes(source)
  const cases = casesOf(source)
  if (cases.length === 0) {
    test('are log records only', () => expect(cases).toEqual([]))
    return
  }

  test.each(cases)('$name: whole, or a span a request in either order', async ({ expected }) => {
    const whole = expected.files.traces.map((file) => readTraceRequest(source, file, Date.now()))
    const single = whole.flatMap(splitRequest)

    const result = await resultOf(whole)
    const forward = await resultOf(single)
    const backward = await resultOf(single.toReversed())

    expect(forward).toEqual(result)
    expect(backward).toEqual(result)
    if (required) {
      const { trace } = expected
      const { totals, metrics } = result
      expect(sumOf(totals, 'inputTokens')).toBe(trace['inputTokensTotal'] ?? 0)
      expect(sumOf(totals, 'outputTokens')).toBe(trace['outputTokensTotal'] ?? 0)
      expect(metrics).toMatchObject({
        requests: callsOf(trace),
        tokens_input: trace['inputTokensTotal'] ?? 0,
        tokens_output: trace['outputTokensTotal'] ?? 0,
      })
    }
  })
})
