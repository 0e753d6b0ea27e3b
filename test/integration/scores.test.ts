import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  Score,
  ScoreList,
  ScoreMetricResult,
  TraceList,
  type ApiError,
} from '../../server/contract/index.ts'
import type { SpanInput } from '../support/otlp-encode.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const TRACE = 'a'.repeat(32)
const OTHER = 'b'.repeat(32)
const stack = new AsyncDisposableStack()
let server: TestServer

beforeAll(async () => {
  server = stack.use(await startTestServer())
})
beforeEach(async () => {
  await server.sql`truncate scores, spans, span_bodies`
})
afterAll(() => stack.disposeAsync())

async function post(body: unknown, project = 'default') {
  const response = await fetch(`${server.url}/api/v1/scores?project=${project}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as unknown }
}

async function posted(body: object, project?: string): Promise<Score> {
  const answer = await post({ name: 'helpful', source: 'user', ...body }, project)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return Score.parse(answer.body)
}

async function refused(body: object): Promise<[number, string | undefined]> {
  const { status, body: answer } = await post({ name: 'helpful', source: 'user', ...body })
  return [status, (answer as ApiError).error.field]
}

async function get(path: string, params: Record<string, string | number> = {}) {
  const query = new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const response = await fetch(`${server.url}/api/v1${path}?${query}`)
  return { status: response.status, body: (await response.json()) as unknown }
}

async function listed(params: Record<string, string | number> = {}): Promise<ScoreList> {
  const { status, body } = await get('/scores', params)
  expect(status, JSON.stringify(body)).toBe(200)
  return ScoreList.parse(body)
}

const named = ({ items }: ScoreList): (number | string | null)[] =>
  items.map(({ value, label }) => value ?? label)

async function measured(params: Record<string, string | number>) {
  const { status, body } = await get('/metrics', { step: 'all', ...params })
  expect(status, JSON.stringify(body)).toBe(200)
  return ScoreMetricResult.parse(body)
}

async function sendCall(span: Partial<SpanInput> & { responseId?: string } = {}): Promise<void> {
  const { responseId = 'resp-1', ...rest } = span
  const startMs = Date.now() - 2_000
  const body = encodeTraces({
    resource: { 'service.name': 'support-chat' },
    spans: [
      {
        traceId: TRACE,
        spanId: 'c'.repeat(16),
        name: 'chat',
        startMs,
        endMs: startMs + 1_000,
        ...rest,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'gpt-4o-mini',
          'gen_ai.response.id': responseId,
          ...rest.attributes,
        },
      },
    ],
  })
  await postTraces(server.url, body)
}

async function summaryScores(): Promise<TraceList['items'][number]['scores'] | undefined> {
  const { body } = await get('/traces')
  return TraceList.parse(body).items.find(({ traceId }) => traceId === TRACE)?.scores
}

test('a score is answered and listed as it was given', async () => {
  const before = Date.now()

  const score = await posted({
    traceId: TRACE,
    spanId: 'c'.repeat(16),
    responseId: 'resp-1',
    value: 0.5,
    label: 'half',
    comment: 'not all',
    source: 'judge',
  })

  expect(score).toMatchObject({
    traceId: TRACE,
    spanId: 'c'.repeat(16),
    responseId: 'resp-1',
    name: 'helpful',
    value: 0.5,
    label: 'half',
    comment: 'not all',
    source: 'judge',
  })
  expect(score.at).toBeGreaterThan(before - 60_000)
  expect(await listed()).toEqual({ items: [score], nextCursor: null })
})

test('the same id again replaces the score and keeps its time', async () => {
  const first = await posted({ id: 'mine', traceId: TRACE, label: 'up' })
  const second = await posted({ id: 'mine', traceId: TRACE, label: 'down' })

  expect(second).toEqual({ ...first, label: 'down' })
  expect((await listed()).items).toEqual([second])
})

test('two projects may use the same id', async () => {
  await posted({ id: 'mine', traceId: TRACE, label: 'up' })
  await posted({ id: 'mine', traceId: TRACE, label: 'down' }, 'other')

  expect(named(await listed())).toEqual(['up'])
  expect(named(await listed({ project: 'other' }))).toEqual(['down'])
})

test('a score of nothing, without a verdict, or with a faulty part is refused with its field', async () => {
  expect(await refused({ value: 1 })).toEqual([422, 'traceId'])
  expect(await refused({ traceId: TRACE })).toEqual([422, 'value'])
  expect(await refused({ traceId: 'xyz', value: 1 })).toEqual([422, 'traceId'])
  expect(await refused({ traceId: TRACE, value: 1, name: '' })).toEqual([422, 'name'])
  expect(await refused({ traceId: TRACE, value: 1, source: 'me' })).toEqual([422, 'source'])
  expect(await refused({ traceId: TRACE, value: 1e16 })).toEqual([422, 'value'])
  expect(await refused({ traceId: TRACE, value: 1, at: 'soon' })).toEqual([400, 'at'])
  expect((await listed()).items).toEqual([])
})

test('text that PostgreSQL cannot hold is stored with a replacement', async () => {
  const { comment } = await posted({ traceId: TRACE, value: 1, comment: 'a\u0000b' })

  expect(comment).toBe('a\uFFFDb')
})

test('lists go by time, name and page', async () => {
  const now = Date.now()
  for (const [back, value] of [
    [50, 1],
    [40, 2],
    [30, 3],
    [20, 4],
  ] as const) {
    const name = value === 2 ? 'other' : 'helpful'
    await posted({ traceId: TRACE, name, value, at: now - back * 60_000 })
  }

  const first = await listed({ limit: 2 })
  const second = await listed({ limit: 2, cursor: first.nextCursor ?? '' })

  expect([named(first), named(second), second.nextCursor]).toEqual([[4, 3], [2, 1], null])
  expect(named(await listed({ name: 'other' }))).toEqual([2])
  expect(named(await listed({ from: now - 45 * 60_000, to: now - 25 * 60_000 }))).toEqual([3, 2])
})

test('a score may come before its trace, and is found by trace, span or response', async () => {
  await posted({ responseId: 'resp-1', value: 3 })
  await posted({ spanId: 'c'.repeat(16), value: 2 })
  await posted({ traceId: TRACE, value: 1, at: Date.now() - 90 * 86_400_000 })
  await posted({ traceId: OTHER, value: 9 })
  await sendCall()

  expect(named(await listed({ traceId: TRACE }))).toEqual([2, 3, 1])
})

test('a filter looks at the scored span, or at any span of the trace', async () => {
  await sendCall()
  await sendCall({ spanId: 'd'.repeat(16), parentSpanId: 'c'.repeat(16), name: 'inner' })
  await posted({ traceId: TRACE, value: 1 })
  await posted({ traceId: TRACE, spanId: 'c'.repeat(16), value: 2 })
  await posted({ traceId: OTHER, value: 3 })

  expect(named(await listed({ f: 'name:eq:inner' }))).toEqual([1])
  expect(named(await listed({ f: 'name:eq:chat' }))).toEqual([2, 1])
  expect(named(await listed({ f: 'service:eq:nobody' }))).toEqual([])
})

test('a trace in the list carries the newest score of each name', async () => {
  await sendCall()
  await posted({ traceId: TRACE, value: 0.1, at: Date.now() - 60_000 })
  await posted({ traceId: TRACE, value: 0.9 })
  await posted({ responseId: 'resp-1', name: 'judged', label: 'pass', source: 'judge' })
  await posted({ traceId: OTHER, name: 'else', value: 1 })

  expect(await summaryScores()).toEqual([
    { name: 'helpful', value: 0.9, label: null },
    { name: 'judged', value: null, label: 'pass' },
  ])
})

test.each([
  ['helpful:lt:0.5', true],
  ['helpful:lt:0.3', false],
  ['helpful:eq:0.4', true],
  ['helpful:ne:0.4', false],
  ['judged:eq:fail', true],
  ['judged:in:pass,fail', true],
  ['judged:has:AI', true],
  ['judged:exists:true', true],
  ['judged:exists:false', false],
  ['unknown:exists:true', false],
  ['unknown:ne:fail', true],
])('traces are listed by their scores: score.%s', async (term, isFound) => {
  await sendCall()
  await posted({ traceId: TRACE, value: 0.4 })
  await posted({ responseId: 'resp-1', name: 'judged', label: 'fail', source: 'judge' })

  const { status, body } = await get('/traces', { f: `score.${term}` })

  expect(status, JSON.stringify(body)).toBe(200)
  expect(TraceList.parse(body).items).toHaveLength(isFound ? 1 : 0)
})

test('the average of a score rests on its values, bucket by bucket', async () => {
  const from = Math.floor(Date.now() / 60_000) * 60_000 - 600_000
  for (const [at, value] of [
    [from, 1],
    [from + 59_999, 4],
    [from + 120_000, 2],
  ] as const) {
    await posted({ traceId: TRACE, value, at })
  }
  await posted({ traceId: TRACE, label: 'words only', at: from })

  const result = await measured({
    metric: 'score_avg.helpful',
    from,
    to: from + 180_000,
    step: '1m',
  })

  expect(result).toMatchObject({
    metric: 'score_avg.helpful',
    unit: '1',
    stepMs: 60_000,
    source: 'spans',
  })
  expect(result.series).toEqual([
    {
      group: {},
      points: [
        { t: from, value: 2.5, n: 2, partial: false },
        { t: from + 120_000, value: 2, n: 1, partial: false },
      ],
    },
  ])
})

test('what passed: pass, true and up, or a value from a half on; a value off the scale says nothing', async () => {
  for (const part of [
    { label: 'pass' },
    { label: 'TRUE' },
    { value: 0.5 },
    { label: 'fail', value: 1 },
    { value: 0.4 },
    { value: 4 },
  ]) {
    await posted({ traceId: TRACE, source: 'code', ...part })
  }

  const { unit, series } = await measured({ metric: 'score_pass_rate.helpful' })

  expect(unit).toBe('ratio')
  expect(series[0]?.points).toMatchObject([{ value: 0.6, n: 5 }])
})

test("the feedback rate rests on users' feedback alone, and obeys the filter", async () => {
  await sendCall()
  await posted({ traceId: TRACE, name: 'feedback', label: 'up' })
  await posted({ traceId: OTHER, name: 'feedback', label: 'down' })
  await posted({ traceId: TRACE, name: 'feedback', label: 'down', source: 'judge' })

  const all = await measured({ metric: 'feedback_positive_rate' })
  const filtered = await measured({ metric: 'feedback_positive_rate', f: 'model:eq:gpt-4o-mini' })

  expect(all.series[0]?.points).toMatchObject([{ value: 0.5, n: 2 }])
  expect(filtered.series[0]?.points).toMatchObject([{ value: 1, n: 1 }])
})

test('no score is no point; scope trace is refused, as is a step of too many points', async () => {
  const empty = await measured({ metric: 'score_avg.nothing' })
  const traces = await get('/metrics', { metric: 'score_avg.helpful', scope: 'trace' })
  const fine = await get('/metrics', {
    metric: 'score_avg.helpful',
    from: Date.now() - 10 * 86_400_000,
    step: '1m',
  })

  expect(empty.series).toEqual([])
  expect(empty.up.length).toBeGreaterThan(0)
  expect(traces).toMatchObject({ status: 422, body: { error: { field: 'scope' } } })
  expect(fine).toMatchObject({ status: 422, body: { error: { field: 'step' } } })
})
