import { expect, test } from 'vitest'
import { toRetryAfterMs } from './transport.ts'

const now = Date.parse('2026-11-26T08:00:00Z')

test.each([
  ['2', 2_000],
  ['0', 0],
  ['Thu, 26 Nov 2026 08:00:30 GMT', 30_000],
  ['Thu, 26 Nov 2026 07:00:00 GMT', 0],
  ['86400', 300_000],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s means %s ms', (header, expected) => {
  expect(toRetryAfterMs(header, now)).toBe(expected)
})
