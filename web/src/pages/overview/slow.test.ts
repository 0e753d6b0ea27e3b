import { expect, test } from 'vitest'
import { isSlow, usualDurations } from './slow.ts'

const traceOf = (
  durationMs: number | null,
  overrides: { name?: string; isError?: boolean } = {},
) => ({
  name: overrides.name ?? 'answer',
  durationMs,
  status: overrides.isError === true ? ('error' as const) : ('ok' as const),
})

test('a trace is slow over twice the median of its own name', () => {
  const traces = [
    ...Array.from({ length: 21 }, (_, index) => traceOf(900 + index * 10)),
    ...Array.from({ length: 30 }, () => traceOf(10, { name: 'classify' })),
  ]
  const usual = usualDurations(traces)

  expect(usual.get('answer')).toEqual({ medianMs: 1_000, n: 21 })
  expect(isSlow(traceOf(2_001), usual.get('answer'))).toBe(true)
  expect(isSlow(traceOf(2_000), usual.get('answer'))).toBe(false)
  expect(isSlow(traceOf(21, { name: 'classify' }), usual.get('classify'))).toBe(true)
})

test('of a name that is seldom seen nothing is called slow', () => {
  const usual = usualDurations(Array.from({ length: 19 }, () => traceOf(100)))

  expect(isSlow(traceOf(9_000), usual.get('answer'))).toBe(false)
})

test('failed traces neither are slow nor say what is usual', () => {
  const usual = usualDurations([
    ...Array.from({ length: 20 }, () => traceOf(100)),
    ...Array.from({ length: 90 }, () => traceOf(1, { isError: true })),
  ])

  expect(usual.get('answer')?.medianMs).toBe(100)
  expect(isSlow(traceOf(9_000, { isError: true }), usual.get('answer'))).toBe(false)
})
