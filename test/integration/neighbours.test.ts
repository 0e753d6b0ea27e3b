import { expect, test } from 'vitest'
import { TraceNeighbours, type ApiError, type TraceList } from '../../server/contract/index.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { useReadApi } from '../support/read-api-tests.ts'
import { NOON_MS, spanRecord, stepRecord, storeSpans } from '../support/span-factory.ts'

const HOUR = { from: NOON_MS, to: NOON_MS + 3_600_000 }
const NOON_US = NOON_MS * 1_000
const SORTS = ['-startTime', 'startTime', '-durationMs', '-cost', '-tokens']

const reads = useReadApi()

type Params = Record<string, string | number | string[]>

async function neighbours(traceId: string, params: Params = {}): Promise<TraceNeighbours> {
  const path = `/traces/${traceId}/neighbours`
  const { status, body } = await reads.api.get<TraceNeighbours>(path, { ...HOUR, ...params })
  expect(status, JSON.stringify(body)).toBe(200)
  return TraceNeighbours.parse(body)
}

async function listed(params: Params): Promise<string[]> {
  const { body } = await reads.api.get<TraceList>('/traces', { ...HOUR, limit: 1_000, ...params })
  return body.items.map((item) => item.traceId)
}

/** Nine traces, some alike in what they are sorted by. */
function nine(): SpanRecord[] {
  return Array.from({ length: 9 }, (_, at) =>
    spanRecord({
      startUs: NOON_US + Math.floor(at / 2) * 1_000,
      durationUs: (at % 3) * 1_000_000,
      costNanoUsd: at % 4 === 0 ? null : at * 1_000,
      requestModel: at % 2 === 0 ? 'even' : 'odd',
      status: at === 4 ? 'error' : 'ok',
    }),
  )
}

test('the neighbours of a trace are those of the list, in every order and with every filter', async () => {
  await storeSpans(reads.database, nine(), {
    bodyOf: (record) => ({ note: record.requestModel ?? '' }),
  })

  for (const sort of SORTS) {
    for (const f of [[], ['model:eq:even'], ['latency:gte:1000'], ['text:has:ODD']]) {
      const list = await listed({ sort, f })
      expect(list.length, f.join()).toBeGreaterThan(2)
      for (const [at, traceId] of list.entries()) {
        expect(await neighbours(traceId, { sort, f }), `${sort} ${f.join()} ${at}`).toEqual({
          previous: list[at - 1] ?? null,
          next: list[at + 1] ?? null,
          position: at + 1,
          total: list.length,
        })
      }
    }
  }
})

test('a trace that is not in the list has no place in it', async () => {
  const [first, second] = nine()
  const far = spanRecord({ startUs: NOON_US - 7_200_000_000 })
  await storeSpans(
    reads.database,
    [first, second, far].filter((record) => record !== undefined),
  )
  const nowhere = { previous: null, next: null, position: null, total: null }

  expect(await neighbours(first?.traceId ?? '', { f: 'model:eq:odd' })).toEqual(nowhere)
  expect(await neighbours(far.traceId)).toEqual(nowhere)
  expect(await neighbours(first?.traceId ?? '', { project: 'other' })).toEqual(nowhere)
  expect(await neighbours('f'.repeat(32))).toEqual(nowhere)
})

test('a trace counts once, by its root, and without one by its first span', async () => {
  const root = stepRecord({ startUs: NOON_US + 5_000 })
  const child = spanRecord({
    traceId: root.traceId,
    parentSpanId: root.spanId,
    startUs: NOON_US + 9_000,
  })
  const orphan = spanRecord({ parentSpanId: 'b000000000000001', startUs: NOON_US + 7_000 })
  const last = spanRecord({ startUs: NOON_US + 1_000 })
  await storeSpans(reads.database, [root, child, orphan, last])

  expect(await neighbours(root.traceId)).toEqual({
    previous: orphan.traceId,
    next: last.traceId,
    position: 2,
    total: 3,
  })
})

test.each([
  ['xyz', {}, 400, 'traceId'],
  ['f'.repeat(32), { sort: 'name' }, 422, 'sort'],
  ['f'.repeat(32), { f: 'name:like:a' }, 422, 'f'],
])('neighbours of %s with %j answer %i and name %s', async (...[id, params, status, field]) => {
  const answer = await reads.api.get<ApiError>(`/traces/${id}/neighbours`, params as Params)

  expect(answer.status).toBe(status)
  expect(answer.body.error.field).toBe(field)
})
