import * as z from 'zod/mini'
import { expect, test } from 'vitest'
import { AppError } from './errors.ts'
import {
  encodeCursor,
  parseCursor,
  parseFilters,
  parseLimit,
  parseProject,
  parseRange,
} from './query-params.ts'

const NOW = Date.UTC(2026, 2, 4, 12)
const HOUR = 3_600_000

function refusalOf(call: () => unknown): {
  status: number
  field: string | undefined
  message: string
} {
  try {
    call()
  } catch (error) {
    if (error instanceof AppError) {
      return { status: error.status, field: error.field, message: error.message }
    }
    throw error
  }
  throw new Error('nothing was refused')
}

test('without a range the last hour is meant', () => {
  expect(parseRange({}, NOW)).toEqual({ from: NOW - HOUR, to: NOW })
  expect(parseRange({ to: String(NOW - HOUR) }, NOW)).toEqual({
    from: NOW - 2 * HOUR,
    to: NOW - HOUR,
  })
})

test('instants are epoch ms or ISO 8601, a plus sign of an offset may have become a space', () => {
  const range = { from: NOW - HOUR, to: NOW }

  expect(parseRange({ from: '2026-03-04T11:00:00Z', to: '2026-03-04T12:00Z' }, 0)).toEqual(range)
  expect(parseRange({ from: '2026-03-04T13:00:00 02:00', to: String(NOW) }, 0)).toEqual(range)
  expect(parseRange({ from: '2026-03-04', to: '2026-03-04T00:00:00.500' }, 0)).toEqual({
    from: Date.UTC(2026, 2, 4),
    to: Date.UTC(2026, 2, 4) + 500,
  })
})

test.each(['yesterday', '-1', '2026-13-01', 'NaN', '1e400', "' or 1=1 --"])(
  'the instant %j cannot be read',
  (from) => {
    expect(refusalOf(() => parseRange({ from }, NOW))).toMatchObject({ status: 400, field: 'from' })
  },
)

test.each([
  ['an end before its start', { from: String(NOW), to: String(NOW - 1) }, 'to'],
  ['an empty range', { from: String(NOW), to: String(NOW) }, 'to'],
  ['ten years', { from: '2016-03-04', to: '2026-03-04' }, 'from'],
])('%s is refused with the advice to narrow the range', (_, query, field) => {
  const refusal = refusalOf(() => parseRange(query, NOW))

  expect(refusal).toMatchObject({ status: 422, field })
  expect(refusal.message).toContain('narrow the range')
})

test('a parameter given twice is refused where one value is meant', () => {
  expect(refusalOf(() => parseRange({ from: ['1', '2'] }, NOW))).toMatchObject({ status: 400 })
})

test('filters keep the colons of their values', () => {
  expect(parseFilters({ f: ['model:eq:llama3.2:3b', 'latency:gt:100'] })).toEqual([
    { field: 'model', op: 'eq', value: 'llama3.2:3b' },
    { field: 'latency', op: 'gt', value: '100' },
  ])
})

test.each([
  ['an unknown field', 'colour:eq:red', "term 2: unknown filter field 'colour' at position 0"],
  [
    'an unknown operator',
    'name:matches:(a+)+$',
    "term 2: unknown operator 'matches' at position 5",
  ],
  ['no term at all', 'name', "term 2: 'name' is not field:op:value"],
])('%s is refused with its position', (_, bad, message) => {
  const refusal = refusalOf(() => parseFilters({ f: ['name:eq:a', bad] }))

  expect(refusal).toMatchObject({ status: 422, field: 'f' })
  expect(refusal.message).toContain(message)
})

test('more than twenty terms are refused', () => {
  const f = Array.from({ length: 21 }, () => 'name:eq:a')

  expect(refusalOf(() => parseFilters({ f }))).toMatchObject({ status: 422, field: 'f' })
})

test('a limit is between 1 and 1,000, by default 50', () => {
  expect(parseLimit({})).toBe(50)
  expect(parseLimit({ limit: '1000' })).toBe(1_000)
  expect(refusalOf(() => parseLimit({ limit: '1001' }))).toMatchObject({ status: 422 })
  expect(refusalOf(() => parseLimit({ limit: '0' }))).toMatchObject({ status: 422 })
  expect(refusalOf(() => parseLimit({ limit: '5.5' }))).toMatchObject({ status: 400 })
})

test('the project comes from the query before the header, and its name has a form', () => {
  const get = () => 'from-header'

  expect(parseProject({ query: { project: 'from-query' }, get })).toBe('from-query')
  expect(parseProject({ query: {}, get })).toBe('from-header')
  expect(parseProject({ query: {}, get: () => undefined })).toBe('default')
  expect(refusalOf(() => parseProject({ query: { project: 'a/b' }, get }))).toMatchObject({
    status: 422,
    field: 'project',
  })
})

test('a cursor comes back as it was made, and anything else is refused', () => {
  const Place = z.object({ at: z.number() })
  const cursor = encodeCursor({ at: 5 })

  expect(parseCursor({ cursor }, Place)).toEqual({ at: 5 })
  for (const bad of ['x', encodeCursor({ at: '5' }), encodeCursor(null), 'a'.repeat(5_000)]) {
    expect(refusalOf(() => parseCursor({ cursor: bad }, Place))).toMatchObject({
      status: 400,
      field: 'cursor',
    })
  }
})
