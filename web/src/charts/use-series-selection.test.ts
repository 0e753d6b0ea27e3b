import { expect, test } from 'vitest'
import { afterIsolate, visibleOf } from './use-series-selection.ts'

const series = ['p50', 'p95', 'p99'].map((key) => ({ key, label: key, color: '' }))
const shown = (hidden: ReadonlySet<string>) => visibleOf(series, hidden).map(({ key }) => key)

test('isolating leaves one series, isolating it again brings all back', () => {
  const alone = afterIsolate(series, new Set(), 'p95')
  expect(shown(alone)).toEqual(['p95'])

  expect(shown(afterIsolate(series, alone, 'p95'))).toEqual(['p50', 'p95', 'p99'])
  expect(shown(afterIsolate(series, alone, 'p99'))).toEqual(['p99'])
})

test('with everything hidden all are shown', () => {
  expect(shown(new Set(['p50', 'p95', 'p99']))).toEqual(['p50', 'p95', 'p99'])
})

test('nothing hidden keeps the list itself, so that nothing is drawn anew', () => {
  expect(visibleOf(series, new Set(['gone']))).toBe(series)
})
