import fc from 'fast-check'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { LiveUpdate, MetricResult, SubscribeAck } from '../../server/contract/index.ts'
import { amendSpans } from '../../server/ingest/amend-spans.ts'
import { rejoinScores } from '../../server/scores/rejoin-scores.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'o3']
const stack = new AsyncDisposableStack()
let server: TestServer
let project = ''
let projects = 0

beforeAll(async () => {
  server = stack.use(await startTestServer())
})
beforeEach(() => {
  project = `scored-${(projects += 1)}`
})
afterAll(() => stack.disposeAsync())

const traceOf = (n: number): string => `${project}${n}`.replaceAll(/[^0-9]/g, '').padStart(32, 'a')
const spanOf = (n: number): string => traceOf(n).slice(-16)
const responseOf = (n: number): string => `resp-${n}`

/** Call `n`: alone in its trace, its model, service and user by its number. */
async function sendCall(n: number, span: Partial<SpanInput> = {}): Promise<void> {
  const startMs = Date.now() - 2_000
  const { attributes, ...rest } = span
  const body = encodeTraces({
    resource: { 'service.name': n % 2 === 0 ? 'chat' : 'search' },
    spans: [
      {
        traceId: traceOf(n),
        spanId: spanOf(n),
        name: 'chat',
        startMs,
        endMs: startMs + 1_000,
        ...rest,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': MODELS[n % MODELS.length] ?? '',
          'gen_ai.response.id': responseOf(n),
          'gen_ai.prompt.name': 'greet',
          'gen_ai.prompt.version': String(n % 2),
          ...attributes,
        },
      },
    ],
  })
  await postTraces(server.url, body, { headers: { 'x-sightline-project': project } })
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-sightline-project': project },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as unknown
  expect(response.ok, JSON.stringify(answer)).toBe(true)
  return answer
}

const postScore = (score: object): Promise<unknown> =>
  call('POST', '/scores', { name: 'helpful', source: 'judge', ...score })

async function groups(
  groupBy: string,
  params: Record<string, string> = {},
): Promise<Record<string, [number | null, number]>> {
  const query = new URLSearchParams({
    metric: 'score_avg.helpful',
    step: 'all',
    groupBy,
    ...params,
  })
  const { series } = (await call('GET', `/metrics?${query}`)) as MetricResult
  return Object.fromEntries(
    series.map(({ group, points }) => [
      Object.values(group).map(String).join('+'),
      [points[0]?.value ?? null, points[0]?.n ?? 0],
    ]),
  )
}

/** The same by a statement of its own, straight from the spans. */
async function recount(column: 'model' | 'service'): Promise<Record<string, [number, number]>> {
  const { sql } = server
  const group =
    column === 'model' ? sql`coalesce(s.response_model, s.request_model)` : sql`s.service`
  const rows = await sql<{ label: string | null; value: number; n: number }[]>`
    select ${group} as label, avg(sc.value)::float8 as value, count(*) as n
    from scores sc
    left join spans s on s.project_id = sc.project_id and case
      when sc.trace_id is not null and sc.span_id is not null
        then s.trace_id = sc.trace_id and s.span_id = sc.span_id
      when sc.trace_id is not null then s.trace_id = sc.trace_id
      when sc.response_id is not null then s.response_id = sc.response_id
      else s.span_id = sc.span_id end
    where sc.project_id = ${project} and sc.name = 'helpful'
    group by 1`
  return Object.fromEntries(rows.map(({ label, value, n }) => [String(label), [value, n]]))
}

test.each([
  ['its trace and span', () => ({ traceId: traceOf(0), spanId: spanOf(0) })],
  ['its trace', () => ({ traceId: traceOf(0) })],
  ['its response', () => ({ responseId: responseOf(0) })],
  ['its span', () => ({ spanId: spanOf(0) })],
])('a score by %s has the values of the call, before and after it', async (_name, target) => {
  await postScore({ ...target(), value: 0.2 })
  expect(await groups('model')).toEqual({ null: [0.2, 1] })

  await sendCall(0)
  await postScore({ ...target(), value: 0.6 })

  expect(await groups('model')).toEqual({ 'gpt-4o': [0.4, 2] })
  expect(await groups('provider,service,prompt')).toEqual({ 'openai+chat+greet@0': [0.4, 2] })
  expect(await groups('status')).toEqual({ ok: [0.4, 2] })
})

test('a filter keeps the scores of its group alone', async () => {
  for (const n of [0, 1, 2]) {
    await sendCall(n)
    await postScore({ responseId: responseOf(n), value: n / 10 })
  }

  expect(await groups('model', { f: 'service:eq:chat' })).toEqual({
    'gpt-4o': [0, 1],
    o3: [0.2, 1],
  })
  expect(await groups('service', { f: 'model:in:o3,gpt-4o-mini' })).toEqual({
    chat: [0.2, 1],
    search: [0.1, 1],
  })
  // A field that is not on the score is looked for on its span.
  expect(await groups('model', { f: 'latency:gt:500' })).toMatchObject({ 'gpt-4o': [0, 1] })
  expect(await groups('model', { f: 'latency:gt:5000' })).toEqual({})
  const { items } = (await call('GET', '/scores?f=model:eq:o3')) as { items: object[] }
  expect(items).toMatchObject([{ responseId: responseOf(2) }])
})

test('a score of a whole trace goes to the call that gave its answer, whatever comes first', async () => {
  const early = { spanId: '1'.repeat(16), parentSpanId: 'f'.repeat(16) }
  const root = {
    spanId: 'f'.repeat(16),
    name: 'run',
    attributes: { 'gen_ai.operation.name': 'invoke_agent' },
  }
  await postScore({ traceId: traceOf(0), value: 1 })
  await sendCall(0, { ...early, attributes: { 'gen_ai.request.model': 'first' } })
  expect(await groups('model')).toEqual({ first: [1, 1] })

  await sendCall(0, {
    spanId: '2'.repeat(16),
    parentSpanId: 'f'.repeat(16),
    endMs: Date.now() - 10,
    attributes: { 'gen_ai.request.model': 'last' },
  })
  await sendCall(0, root)

  expect(await groups('model')).toEqual({ last: [1, 1] })
})

test('a score that is replaced moves to its new span, and leaves the old one', async () => {
  await sendCall(0)
  await postScore({ id: 'mine', responseId: responseOf(0), value: 1 })
  await postScore({ id: 'mine', responseId: responseOf(1), value: 0 })
  expect(await groups('model')).toEqual({ null: [0, 1] })

  await sendCall(1)

  expect(await groups('model')).toEqual({ 'gpt-4o-mini': [0, 1] })
})

test('many scores are saved at once, the last of one id', async () => {
  await sendCall(0)
  const scores = [
    { id: 'a', value: 0.1 },
    { id: 'b', value: 0.5 },
    { id: 'a', value: 0.7 },
  ].map((score) => ({ name: 'helpful', source: 'code', traceId: traceOf(0), ...score }))

  const { items } = (await call('POST', '/scores', { scores })) as { items: { value: number }[] }

  expect(items.map(({ value }) => value)).toEqual([0.7, 0.5, 0.7])
  expect(await groups('model')).toEqual({ 'gpt-4o': [0.6, 2] })
})

test('a faulty score among many is named by its place, and none is saved', async () => {
  const scores = [{ traceId: traceOf(0), value: 1 }, { value: 1 }].map((score) => ({
    name: 'helpful',
    source: 'code',
    ...score,
  }))
  const response = await fetch(`${server.url}/api/v1/scores?project=${project}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ scores }),
  })

  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ error: { field: 'scores.1.traceId' } })
  expect(await groups('model')).toEqual({})
})

test('the groups equal a recount, whatever the order of spans and scores', async () => {
  const target = fc.tuple(fc.nat(5), fc.constantFrom('both', 'trace', 'response', 'span'))
  const action = fc.oneof(
    fc.record({ send: fc.nat(5) }),
    fc.record({ score: fc.nat(7), target, value: fc.integer({ min: 0, max: 4 }) }),
  )
  const targetOf = ([n, kind]: [number, string]): object => ({
    ...(kind === 'both' || kind === 'trace' ? { traceId: traceOf(n) } : {}),
    ...(kind === 'both' || kind === 'span' ? { spanId: spanOf(n) } : {}),
    ...(kind === 'response' ? { responseId: responseOf(n) } : {}),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 25 }), async (actions) => {
      project = `scored-${(projects += 1)}`
      for (const one of actions) {
        if ('send' in one) await sendCall(one.send)
        else {
          const id = `score-${one.score}`
          await postScore({ id, ...targetOf(one.target), value: one.value / 4 })
        }
      }
      for (const field of ['model', 'service'] as const) {
        const counted = await recount(field)
        const answered = await groups(field)
        expect(Object.keys(answered).toSorted()).toEqual(Object.keys(counted).toSorted())
        for (const [label, [value, n]] of Object.entries(counted)) {
          expect(answered[label]?.[1]).toBe(n)
          expect(answered[label]?.[0]).toBeCloseTo(value, 12)
        }
      }
    }),
    { numRuns: 12 },
  )
})

test('more than 50 groups share the rest', async () => {
  for (let n = 0; n < 53; n += 1) {
    await sendCall(n, { attributes: { 'gen_ai.request.model': `model-${n}` } })
  }
  const scores = Array.from({ length: 53 }, (_, n) => ({
    name: 'helpful',
    source: 'code',
    responseId: responseOf(n),
    value: 1,
  }))
  await call('POST', '/scores', { scores: [...scores, ...scores.slice(0, 50)] })

  const found = await groups('model')

  expect(Object.keys(found)).toHaveLength(51)
  expect(found['__other__']).toEqual([1, 3])
})

test('a span that is changed later changes its scores', async () => {
  await sendCall(0)
  await postScore({ responseId: responseOf(0), value: 1 })
  await postScore({ traceId: traceOf(0), spanId: spanOf(0), value: 0 })
  const day = Math.floor((Date.now() - 2_000) / 86_400_000)
  const place = { projectId: project, traceId: traceOf(0), spanId: spanOf(0), day }

  const set = { status: 'error', errorType: 'abandoned' } as const
  await amendSpans(server.context.sql, [{ ...place, set }])

  await eventually(async () => {
    expect(await groups('status,error.type')).toEqual({ 'error+abandoned': [0.5, 2] })
  })
})

test('spans and scores that come at the same time find each other', async () => {
  const calls = Array.from({ length: 12 }, (_, n) => n)
  await Promise.all(
    calls.flatMap((n) => [
      postScore({ responseId: responseOf(n), value: 0 }),
      sendCall(n),
      postScore({ traceId: traceOf(n), value: 1 }),
      sendCall(n),
      postScore({ traceId: traceOf(n), spanId: spanOf(n), value: 0.5 }),
    ]),
  )

  expect(await groups('model')).toEqual({
    'gpt-4o': [0.5, 12],
    'gpt-4o-mini': [0.5, 12],
    o3: [0.5, 12],
  })
})

test('what a killed process left waiting is joined by housekeeping', async () => {
  await sendCall(0)
  await postScore({ responseId: responseOf(0), value: 1 })
  await server.sql`update scores set home_span = null, home_trace = null, home_day = null,
    model = null where project_id = ${project}`
  expect(await groups('model')).toEqual({ null: [1, 1] })

  await rejoinScores(server.sql)

  expect(await groups('model')).toEqual({ 'gpt-4o': [1, 1] })
})

test('a rule judges a score like any metric', async () => {
  const from = Math.floor(Date.now() / 60_000) * 60_000 - 600_000
  await sendCall(0)
  for (let n = 0; n < 4; n += 1) {
    await postScore({ traceId: traceOf(0), label: n === 0 ? 'pass' : 'fail', at: from + 60_000 })
  }
  const rule = {
    name: 'helpful enough',
    condition: {
      kind: 'threshold',
      metric: 'score_pass_rate.helpful',
      op: 'lt',
      critical: 0.5,
      groupBy: ['model'],
      minSamples: 3,
      windowMs: 300_000,
    },
  }

  const { series, firings } = (await call('POST', '/alerts/preview', {
    rule,
    from,
    to: from + 600_000,
  })) as { series: MetricResult['series']; firings: { group: object; peak: number }[] }
  const created = await call('POST', '/alerts/rules', rule)

  expect(firings).toMatchObject([{ group: { model: 'gpt-4o' }, peak: 0.25 }])
  expect(series.flatMap(({ points }) => points).filter(({ n }) => n === 4).length).toBe(5)
  expect(created).toMatchObject({ condition: { metric: 'score_pass_rate.helpful' } })
})

test('a socket is told of scores as they come, move and get their span', async () => {
  const socket = io(`${server.url}/live`, { transports: ['websocket'], forceNew: true })
  stack.defer(() => void socket.disconnect())
  const from = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000
  const seen = new Map<string, number | null>()
  const take = ({ series }: Pick<MetricResult, 'series'>): void => {
    for (const { group, points } of series) {
      for (const { t, value } of points) seen.set(`${JSON.stringify(group)} ${t}`, value)
    }
  }
  socket.on('update', (update: LiveUpdate) => take(update))
  const ack = (await socket.emitWithAck('subscribe', {
    id: 'scores',
    project,
    from,
    metrics: [{ metric: 'score_avg.helpful', step: '1m', groupBy: ['model'] }],
  })) as SubscribeAck
  expect(ack).toMatchObject({ ok: true, snapshot: [{ metric: 'score_avg.helpful', series: [] }] })

  const told = (at: number, model: string | null): number | null | undefined =>
    seen.get(`${JSON.stringify({ model })} ${at}`)
  await postScore({ id: 'mine', responseId: responseOf(0), value: 1, at: from + 60_000 })
  await eventually(() => expect(told(from + 60_000, null)).toBe(1))
  await postScore({ id: 'mine', responseId: responseOf(0), value: 0.5, at: from + 120_000 })
  await eventually(() => {
    expect(told(from + 60_000, null)).toBeNull()
    expect(told(from + 120_000, null)).toBe(0.5)
  })
  await sendCall(0)
  await eventually(() => {
    expect(told(from + 120_000, null)).toBeNull()
    expect(told(from + 120_000, 'gpt-4o')).toBe(0.5)
  })
})
