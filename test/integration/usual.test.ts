import { expect, test } from 'vitest'
import { TraceUsual, type ApiError } from '../../server/contract/index.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { useReadApi } from '../support/read-api-tests.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'

const NOON_US = NOON_MS * 1_000
const SECOND_US = 1_000_000

const reads = useReadApi()

/** A ticket answered: one look-up of `toolS`, then one answer of `callS`, nothing beside them. */
function ticket(
  atS: number,
  { toolS = 1, callS = 1, attempts = [], ...root }: TicketParts = {},
): SpanRecord[] {
  const lookUps = attempts.map((lengthS) => ({ lengthS, isFailed: true }))
  const steps = [...lookUps, { lengthS: toolS, isFailed: false }]
  const durationUs = (steps.reduce((sum, { lengthS }) => sum + lengthS, 0) + callS) * SECOND_US
  const top = stepRecord({
    name: 'answer_ticket',
    type: 'agent',
    startUs: NOON_US + atS * SECOND_US,
    durationUs,
    ...root,
  })
  const child = { traceId: top.traceId, parentSpanId: top.spanId, service: top.service }
  let startUs = top.startUs
  const tools = steps.map(({ lengthS, isFailed }) => {
    const tool = stepRecord({
      ...child,
      type: 'tool',
      startUs,
      durationUs: lengthS * SECOND_US,
      status: isFailed ? 'error' : 'ok',
    })
    startUs = tool.endUs
    return tool
  })
  return [top, ...tools, spanRecord({ ...child, startUs, durationUs: callS * SECOND_US })]
}
type TicketParts = { toolS?: number; callS?: number; attempts?: number[] } & Partial<SpanRecord>

async function usualOf([root]: readonly SpanRecord[]): Promise<TraceUsual> {
  const { status, body } = await reads.api.get<TraceUsual>(`/traces/${root?.traceId}/usual`)
  expect(status, JSON.stringify(body)).toBe(200)
  return TraceUsual.parse(body)
}

const msOf = ({ budget }: TraceUsual, kind: string): [number, number | null] | undefined => {
  const part = budget.find((one) => one.kind === kind)
  return part === undefined ? undefined : [part.ms, part.medianMs]
}

test('a failed attempt is a part of its own, against the medians of the traces before', async () => {
  const slow = ticket(60, { attempts: [3], toolS: 2, callS: 2 })
  await storeSpans(reads.database, [
    ...ticket(0),
    ...ticket(10, { callS: 2 }),
    ...ticket(20, { callS: 9 }),
    ...slow,
  ])

  const usual = await usualOf(slow)

  expect(usual).toMatchObject({
    service: 'support-chat',
    name: 'answer_ticket',
    durationMs: 7_000,
    n: 3,
    medianDurationMs: 3_000,
  })
  expect(msOf(usual, 'failed')).toEqual([3_000, 0])
  expect(msOf(usual, 'tool')).toEqual([2_000, 1_000])
  expect(msOf(usual, 'generation')).toEqual([2_000, 2_000])
  expect(usual.budget.reduce((sum, { ms }) => sum + ms, 0)).toBe(usual.durationMs)
})

test('an even number of traces has its median between the middle two', async () => {
  const trace = ticket(60)
  await storeSpans(reads.database, [
    ...ticket(0, { callS: 1 }),
    ...ticket(10, { callS: 4 }),
    ...trace,
  ])

  const usual = await usualOf(trace)

  expect(usual.medianDurationMs).toBe(3_500)
  expect(msOf(usual, 'generation')).toEqual([1_000, 2_500])
})

test('traces of another service, another name or started later say nothing about what is usual', async () => {
  const trace = ticket(60, { callS: 5 })
  await storeSpans(reads.database, [
    ...ticket(0, { service: 'other' }),
    ...ticket(10, { name: 'other' }),
    ...ticket(90),
    ...trace,
  ])

  const usual = await usualOf(trace)

  expect(usual).toMatchObject({ n: 0, medianDurationMs: null, fastTwin: null })
  expect(msOf(usual, 'generation')).toEqual([5_000, null])
})

test('the twin went well, was no slower than the median, and is the nearest, with the reason', async () => {
  const trace = ticket(60, { callS: 8 })
  const near = ticket(100, { callS: 2 })
  await storeSpans(reads.database, [
    ...ticket(0, { callS: 2 }),
    ...ticket(10, { callS: 2 }),
    ...ticket(40, { callS: 7 }),
    ...ticket(50, { callS: 1, status: 'error' }),
    ...near,
    ...trace,
  ])

  const { fastTwin } = await usualOf(trace)

  expect(fastTwin).toEqual({
    traceId: near[0]?.traceId,
    startTime: NOON_MS + 100_000,
    durationMs: 3_000,
    reason: 'ok, 3 s against the median of 3 s of 4 answer_ticket traces, started 40 s after',
  })
})

test('the medians rest on the last 200 traces at most', async () => {
  const trace = ticket(2_000)
  const old = Array.from({ length: 30 }, (_, at) => ticket(at, { callS: 50 }))
  const recent = Array.from({ length: 200 }, (_, at) => ticket(100 + at))
  await storeSpans(reads.database, [...old, ...recent, trace].flat())

  const usual = await usualOf(trace)

  expect(usual).toMatchObject({ n: 200, medianDurationMs: 2_000 })
})

test('traces of very many spans are compared with fewer of their kind', async () => {
  const trace = ticket(2_000)
  const big = Array.from({ length: 3 }, (_, at) => {
    const spans = ticket(at * 100)
    const { traceId, spanId } = spans[0] ?? stepRecord()
    const more = Array.from({ length: 9_000 }, () => stepRecord({ traceId, parentSpanId: spanId }))
    return [...spans, ...more]
  })
  await storeSpans(reads.database, [...big, trace].flat())

  expect(await usualOf(trace)).toMatchObject({ n: 2 })
})

test('a trace without its root is measured from its first start to its last end', async () => {
  const [, ...withoutRoot] = ticket(0)
  await storeSpans(reads.database, withoutRoot)

  const usual = await usualOf(withoutRoot)

  expect(usual.durationMs).toBe(2_000)
  expect(usual.budget.reduce((sum, { ms }) => sum + ms, 0)).toBe(2_000)
})

test('no such trace is 404, no trace id is 400', async () => {
  const missing = await reads.api.get<ApiError>(`/traces/${'0'.repeat(31)}1/usual`)
  const faulty = await reads.api.get<ApiError>('/traces/xyz/usual')

  expect(missing.status).toBe(404)
  expect(faulty).toMatchObject({ status: 400, body: { error: { field: 'traceId' } } })
})
