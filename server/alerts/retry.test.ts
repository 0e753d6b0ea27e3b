import { expect, test } from 'vitest'
import type { OutboundResult } from '../platform/safe-fetch.ts'
import { outcomeOf } from './retry.ts'

const NOW = Date.UTC(2026, 0, 15)
const HOUR_MS = 3_600_000

function answered(httpStatus: number, retryAfter?: string): OutboundResult {
  return { status: 'response', httpStatus, retryAfter, preview: '' }
}

function outcome(
  result: OutboundResult,
  overrides: { attempt?: number; ageMs?: number; random?: number } = {},
) {
  const { attempt = 1, ageMs = 0, random = 0.5 } = overrides
  return outcomeOf({ result, attempt, createdAt: NOW - ageMs, now: NOW, random })
}

test.each([200, 202, 204, 299])('%d is delivered', (status) => {
  expect(outcome(answered(status))).toEqual({ type: 'delivered' })
})

test.each([400, 401, 403, 404, 410, 413, 422])('%d is not tried again', (status) => {
  expect(outcome(answered(status))).toEqual({ type: 'failed' })
})

test.each([302, 408, 425, 429, 500, 502, 503])('%d is tried again', (status) => {
  expect(outcome(answered(status))).toEqual({ type: 'retry', waitMs: 5_000 })
})

test.each([
  'blocked_address',
  'dns',
  'tls',
  'timeout',
  'network',
  'body_too_large',
  'aborted',
] as const)('the fault %s is tried again', (fault) => {
  const result: OutboundResult = { status: 'failed', fault, message: '' }

  expect(outcome(result)).toEqual({ type: 'retry', waitMs: 5_000 })
})

test('waits grow from 5 s to 1 h and then stay hourly', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => outcome(answered(500), { attempt }))

  expect(waits.map((wait) => (wait.type === 'retry' ? wait.waitMs / 1_000 : 0))).toEqual([
    5, 30, 120, 600, 1_800, 3_600, 3_600, 3_600,
  ])
})

test('waits are spread by 20 % to either side', () => {
  expect(outcome(answered(500), { random: 0 })).toEqual({ type: 'retry', waitMs: 4_000 })
  expect(outcome(answered(500), { random: 1 })).toEqual({ type: 'retry', waitMs: 6_000 })
})

test.each([
  ['17', 17_000],
  ['0', 0],
  ['86400', HOUR_MS],
  [new Date(NOW + 90_000).toUTCString(), 90_000],
  ['soon', 5_000],
])('Retry-After %s of a 429 or 503 is %d ms', (retryAfter, waitMs) => {
  expect(outcome(answered(429, retryAfter))).toEqual({ type: 'retry', waitMs })
  expect(outcome(answered(503, retryAfter))).toEqual({ type: 'retry', waitMs })
})

test('Retry-After of a 500 is not obeyed', () => {
  expect(outcome(answered(500, '17'))).toEqual({ type: 'retry', waitMs: 5_000 })
})

test('after 24 h a message is given up', () => {
  expect(outcome(answered(500), { attempt: 9, ageMs: 22 * HOUR_MS }).type).toBe('retry')
  expect(outcome(answered(500), { attempt: 9, ageMs: 23.5 * HOUR_MS }).type).toBe('failed')
})
