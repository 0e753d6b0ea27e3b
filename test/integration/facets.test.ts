import { expect, test } from 'vitest'
import {
  FacetList,
  type ApiError,
  type SpanList,
  type TraceList,
} from '../../server/contract/index.ts'
import { attributeHash } from '../../server/spans/attribute-hash.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { useReadApi } from '../support/read-api-tests.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'

const HOUR = { from: NOON_MS, to: NOON_MS + 3_600_000 }
const NOON_US = NOON_MS * 1_000
const SECOND_US = 1_000_000

const reads = useReadApi()

type Params = Record<string, string | number | string[]>

async function facets(field: string, params: Params = {}): Promise<FacetList> {
  const { status, body } = await reads.api.get<FacetList>('/facets', { ...HOUR, field, ...params })
  expect(status, JSON.stringify(body)).toBe(200)
  return FacetList.parse(body)
}

async function counts(field: string, params: Params = {}): Promise<Record<string, number>> {
  const { items } = await facets(field, params)
  return Object.fromEntries(items.map(({ value, count }) => [value, count]))
}

/** How many traces the list has with `field:eq:value` added. */
async function listLength(field: string, value: string, f: string[] = []): Promise<number> {
  const { body } = await reads.api.get<TraceList>('/traces', {
    ...HOUR,
    limit: 1_000,
    f: [...f, `${field}:eq:${value}`],
  })
  return body.items.length
}

/** A trace of an agent with two calls of different models. */
function ticket(overrides: Partial<SpanRecord> = {}): SpanRecord[] {
  const root = stepRecord({ type: 'agent', name: 'ticket', ...overrides })
  const own = { traceId: root.traceId, parentSpanId: root.spanId, service: root.service }
  return [
    root,
    spanRecord({ ...own, requestModel: 'gpt-4o', model: 'gpt-4o', tags: ['vip', 'eu'] }),
    spanRecord({ ...own, requestModel: 'mini', model: 'mini', tags: ['vip'] }),
  ]
}

test('a value counts the traces that carry it, once however many of their spans do', async () => {
  await storeSpans(reads.database, [...ticket(), ...ticket(), spanRecord({ requestModel: 'mini' })])

  expect(await facets('model')).toMatchObject({
    field: 'model',
    items: [
      { value: 'mini', count: 3 },
      { value: 'gpt-4o', count: 2 },
    ],
    isComplete: true,
    countedFrom: HOUR.from,
  })
  expect(await counts('tag')).toEqual({ vip: 2, eu: 2 })
  expect(await counts('type')).toEqual({ llm: 3, agent: 2 })
})

test('every count is the length of the list with that term added', async () => {
  const shared = { user: 'ann' }
  await storeSpans(reads.database, [
    ...ticket({ userId: shared.user, environment: 'prod', release: '1.0' }),
    ...ticket({ userId: shared.user, service: 'batch', task: 'chat' }),
    spanRecord({ status: 'error', errorType: '429', promptName: 'triage', promptVersion: 'v2' }),
    spanRecord({
      sessionId: 's-1',
      provider: 'ollama',
      operation: 'embeddings',
      startUs: NOON_US + 1,
    }),
    ...ticket({ startUs: NOON_US - 60 * SECOND_US }),
  ])
  const fields = ['name', 'type', 'task', 'service', 'environment', 'release', 'provider', 'model']
  const others = ['operation', 'status', 'error.type', 'user', 'session', 'prompt', 'tag']

  for (const field of [...fields, ...others]) {
    const { items } = await facets(field)
    expect(items.length, field).toBeGreaterThan(0)
    for (const { value, count } of items) {
      expect(await listLength(field, value), `${field}:eq:${value}`).toBe(count)
    }
  }
})

test('the value must be on a span that matches the filter', async () => {
  await storeSpans(reads.database, ticket())

  expect(await counts('type', { f: 'model:eq:mini' })).toEqual({ llm: 1 })
  expect(await counts('tag', { f: 'model:eq:mini' })).toEqual({ vip: 1 })
  expect(await counts('model', { f: ['model:eq:mini', 'type:eq:agent'] })).toEqual({})
})

test('latency, cost and tokens of the filter are those of the trace', async () => {
  const slow = ticket({ durationUs: 9 * SECOND_US, service: 'slow' })
  await storeSpans(reads.database, [...slow, ...ticket(), spanRecord({ costNanoUsd: 9e9 })])

  expect(await counts('service', { f: 'latency:gt:8000' })).toEqual({ slow: 1 })
  expect(await counts('model', { f: 'latency:gt:8000' })).toEqual({ 'gpt-4o': 1, mini: 1 })
  expect(await counts('type', { f: ['cost:gt:8', 'tokens:gte:1'] })).toEqual({ llm: 1 })
})

test('a trace counts in the range of its root, wherever its spans are', async () => {
  const early = ticket({ startUs: NOON_US - 2 * SECOND_US })
  const late = ticket({ startUs: (HOUR.to - 1_000) * 1_000 })
  const lateCall = spanRecord({
    traceId: late[0]?.traceId ?? '',
    parentSpanId: late[0]?.spanId ?? '',
    startUs: (HOUR.to + 60_000) * 1_000,
    requestModel: 'afterwards',
  })
  await storeSpans(reads.database, [...early, ...late, lateCall])

  expect(await counts('model')).toEqual({ 'gpt-4o': 1, mini: 1, afterwards: 1 })
})

test('a trace whose root has not come counts; one whose root lies days back does not', async () => {
  const [, ...rootless] = ticket()
  const longAgo = stepRecord({ startUs: NOON_US - 5 * 86_400 * SECOND_US })
  const late = spanRecord({ traceId: longAgo.traceId, parentSpanId: longAgo.spanId })
  await storeSpans(reads.database, [...rootless, longAgo, late])

  expect(await counts('model')).toEqual({ 'gpt-4o': 1, mini: 1 })
  expect(await counts('model', { f: 'latency:gte:0' })).toEqual({ 'gpt-4o': 1, mini: 1 })
})

test('values are kept that hold the text, in either case, and no more than asked', async () => {
  const users = ['Ann', 'hanna', 'bob', '100%', 'a_b', 'straße']
  await storeSpans(
    reads.database,
    users.map((userId) => spanRecord({ userId })),
  )

  expect(await counts('user', { q: 'ANN' })).toEqual({ Ann: 1, hanna: 1 })
  expect(await counts('user', { q: '%' })).toEqual({ '100%': 1 })
  expect(await counts('user', { q: '_' })).toEqual({ a_b: 1 })
  expect((await facets('user', { limit: 2 })).items).toHaveLength(2)
})

test('attributes are counted in the newest bodies, and say how far back', async () => {
  const records = ['acme', 'acme', 'umbrella'].map((tenant, at) =>
    spanRecord({
      startUs: NOON_US + at,
      attributeHashes: [attributeHash('tenant', tenant)],
      requestModel: tenant === 'acme' ? 'gpt-4o' : 'mini',
    }),
  )
  await storeSpans(reads.database, [...records, spanRecord()], {
    bodyOf: (record): Record<string, string> => {
      const at = records.indexOf(record)
      return at < 0
        ? { plan: 'free' }
        : { tenant: at < 2 ? 'acme' : 'umbrella', long: 'x'.repeat(300) }
    },
  })

  expect(await counts('attr.tenant')).toEqual({ acme: 2, umbrella: 1 })
  expect(await counts('attr.tenant', { q: 'UMB' })).toEqual({ umbrella: 1 })
  expect(await counts('attr.long')).toEqual({})
  expect(await counts('attr')).toEqual({ tenant: 3, long: 3, plan: 1 })
  expect(await counts('attr', { q: 'ten' })).toEqual({ tenant: 3 })
  expect(await counts('model', { f: 'attr.tenant:eq:acme' })).toEqual({ 'gpt-4o': 2 })
  expect(await counts('attr.tenant', { f: 'model:eq:mini' })).toEqual({ umbrella: 1 })
})

test('a text of the filter is looked for in the bodies', async () => {
  const wanted = ticket()
  await storeSpans(reads.database, [...wanted, ...ticket()], {
    bodyOf: (record): Record<string, string> =>
      record === wanted[2] ? { prompt: 'Where is my refund?' } : { prompt: 'Hello' },
  })

  expect(await counts('model', { f: 'text:has:REFUND' })).toEqual({ mini: 1 })
  expect(await counts('type', { f: ['text:has:refund', 'latency:gt:99999'] })).toEqual({})
})

test('projects and quarantined spans stay apart', async () => {
  await storeSpans(reads.database, ticket(), 'other')
  await storeSpans(reads.database, [spanRecord({ startUs: 1_000_000, quarantined: true })])

  expect(await counts('model')).toEqual({})
  expect(await counts('model', { from: 0, to: 3_600_000 })).toEqual({})
  expect(await counts('model', { project: 'other' })).toEqual({ 'gpt-4o': 1, mini: 1 })
})

test.each([
  [{ field: 'cost' }, 422, 'field'],
  [{ field: 'text' }, 422, 'field'],
  [{ field: 'colour' }, 422, 'field'],
  [{ field: 'name; drop table spans' }, 422, 'field'],
  [{}, 400, 'field'],
  [{ field: 'model', f: 'model:like:x' }, 422, 'f'],
  [{ field: 'model', limit: '0' }, 422, 'limit'],
])('facets of %j answer %i and name %s', async (...[params, status, field]) => {
  const answer = await reads.api.get<ApiError>('/facets', params as Params)

  expect(answer.status).toBe(status)
  expect(answer.body.error.field).toBe(field)
})

test.each(["' or 1=1 --", '\u0000', '\ud800', '%_\\', 'x'.repeat(10_000)])(
  'the hostile text %j finds nothing and breaks nothing',
  async (text) => {
    await storeSpans(reads.database, ticket())

    for (const field of ['model', 'tag', 'attr.tenant', 'attr']) {
      expect(await counts(field, { q: text.slice(0, 10_000) })).toEqual({})
    }
    expect(await counts(`attr.${text.replaceAll(':', '')}`)).toEqual({})
    const spans = await reads.api.get<SpanList>('/spans', HOUR)
    expect(spans.body.items).toHaveLength(3)
  },
)
