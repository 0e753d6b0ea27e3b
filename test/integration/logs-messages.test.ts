import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Span } from '../../server/contract/index.ts'
import { compareCase } from '../otlp/compare-fixture.ts'
import { splitLogs, type PlainLogs } from '../otlp/logs-proto.ts'
import type { ExpectedSpan, ExpectedTrace } from '../otlp/read-fixtures.ts'
import {
  caseNames,
  movedToYesterday,
  readExpected,
  readRequests,
  traceIdOf,
} from '../support/log-fixtures.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

type Expected = { spans: ExpectedSpan[]; trace: ExpectedTrace; derivedCalls: unknown[] }

const SOURCES = ['elastic-openai', 'otel-openai', 'otel-openai-v2-py', 'openlit']

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

async function post(signal: 'traces' | 'logs', body: unknown, project: string): Promise<unknown> {
  const answer = await fetch(`${server.url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sightline-project': project },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  return answer.json()
}

type Order = (requests: { traces: unknown[]; logs: PlainLogs[] }) => ['traces' | 'logs', unknown][]

const traces = (bodies: unknown[]) => bodies.map((body): ['traces', unknown] => ['traces', body])
const logs = (bodies: PlainLogs[]) => bodies.map((body): ['logs', unknown] => ['logs', body])

const ORDERS: Record<string, Order> = {
  'before the spans': (sent) => [...logs(sent.logs), ...traces(sent.traces)],
  'after the spans': (sent) => [...traces(sent.traces), ...logs(sent.logs)],
  'before, one record a request': (sent) => [
    ...logs(sent.logs.flatMap(splitLogs)),
    ...traces(sent.traces),
  ],
  'after, one record a request, backward': (sent) => [
    ...traces(sent.traces),
    ...logs(sent.logs.flatMap(splitLogs).toReversed()),
  ],
  'after, twice': (sent) => [...traces(sent.traces), ...logs([...sent.logs, ...sent.logs])],
}

describe.each(SOURCES)('log records of %s', (source) => {
  test.each(
    casesWithLogs(source).flatMap((name) =>
      Object.keys(ORDERS).map((order) => [name, order] as const),
    ),
  )('%s: join their spans when sent %s', async (name, order) => {
    const project = `${source}-${name}-${order}`.replace(/[^a-z0-9-]+/g, '-')
    const expected = readExpected<Expected>(source, name)
    const sent = movedToYesterday(readRequests(source, name), Date.now())

    for (const [signal, body] of ORDERS[order]?.(sent) ?? []) await post(signal, body, project)

    const spans = await Promise.all(
      expected.spans.map((span) =>
        getSpan(traceIdOf(sent.traces, span.spanId), span.spanId, project),
      ),
    )
    const fixture = {
      expected,
      spans: spans.map((span) => ({ span })),
      withLogs: true,
    }
    expect(compareCase(fixture).filter((result) => !result.ok)).toEqual([])
  })
})

function casesWithLogs(source: string): string[] {
  return caseNames(source).filter((name) => readRequests(source, name).logs.length > 0)
}

async function getSpan(traceId: string, spanId: string, project: string): Promise<Span> {
  const answer = await fetch(
    `${server.url}/api/v1/traces/${traceId}/spans/${spanId}?project=${project}`,
  )
  expect(answer.status).toBe(200)
  return (await answer.json()) as Span
}
