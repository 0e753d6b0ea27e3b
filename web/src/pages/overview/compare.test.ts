import { expect, test } from 'vitest'
import { zoneOf } from '../../lib/zone.ts'
import { beforeText, comparisonOf, periodText } from './compare.ts'

const HOUR_MS = 3_600_000
const AT = Date.parse('2026-11-22T14:41:00Z')
const UTC = zoneOf('utc')

test('the period before lies one length back, a day and a week lie where they say', () => {
  expect(comparisonOf('prev', 6 * HOUR_MS).shiftMs).toBe(6 * HOUR_MS)
  expect(comparisonOf('1d', HOUR_MS).shiftMs).toBe(24 * HOUR_MS)
  expect(comparisonOf('7d', HOUR_MS).shiftMs).toBe(168 * HOUR_MS)
})

test('a value before is named by its clock time, its day, or its week', () => {
  expect(beforeText(comparisonOf('prev', HOUR_MS), AT, UTC)).toBe('at 13:41')
  expect(beforeText(comparisonOf('prev', 24 * HOUR_MS), AT, UTC)).toBe('at 21 Nov, 14:41')
  expect(beforeText(comparisonOf('1d', HOUR_MS), AT, UTC)).toBe('yesterday')
  expect(beforeText(comparisonOf('7d', HOUR_MS), AT, UTC)).toBe('a week before')
})

test('the period itself is named in words', () => {
  expect(periodText(comparisonOf('prev', HOUR_MS))).toBe('the hour before')
  expect(periodText(comparisonOf('prev', 900_000))).toBe('the 15 min before')
  expect(periodText(comparisonOf('1d', HOUR_MS))).toBe('yesterday')
})
