import { expect, test } from 'vitest'
import {
  axisText,
  bytesText,
  countOf,
  countText,
  durationText,
  metricText,
  moneyCellText,
  moneyText,
  spanText,
} from './format.ts'

test.each([
  [0, '0'],
  [7, '7'],
  [2_394, '2,394'],
  [99_999, '99,999'],
  [128_432, '128.4k'],
  [1_234_567, '1.235M'],
  [-42, '−42'],
  [0.5, '0.50'],
])('the count %d reads %s', (value, text) => {
  expect(countText(value)).toBe(text)
})

test.each([
  [0, '0 records'],
  [1, '1 record'],
  [2_394, '2,394 records'],
])('%d of a thing reads %s', (count, text) => {
  expect(countOf(count, 'record')).toBe(text)
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [67_108_864, '67.1 MB'],
  [1.5e9, '1.50 GB'],
  [4.2e15, '4,200 TB'],
])('the size %d reads %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

test.each([
  [0, '0 ms'],
  [4.25, '4.3 ms'],
  [812.4, '812 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [4_824, '4.82 s'],
  [103_400, '103.4 s'],
])('a duration of %d ms reads %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test.each([
  [0, '$0.00'],
  [214.368, '$214.37'],
  [1_234.5, '$1,234.50'],
  [0.0131, '$0.0131'],
  [0.5, '$0.5000'],
  [0.000_09, '$0.000090'],
  [0.000_000_123, '$0.00000012'],
  [-2.5, '−$2.50'],
])('%d dollars read %s', (usd, text) => {
  expect(moneyText(usd)).toBe(text)
})

test('a metric is written in its own unit', () => {
  expect(metricText(0.0084, 'ratio')).toBe('0.84%')
  expect(metricText(4_820, 'ms')).toBe('4.82 s')
  expect(metricText(1.5, 'USD')).toBe('$1.50')
  expect(metricText(69, '1/s')).toBe('69/s')
})

test('axis labels of one axis share a unit and lose no step', () => {
  expect([0, 2_500, 5_000].map((value) => axisText(value, 'ms', 2_500))).toEqual([
    '0 s',
    '2.5 s',
    '5 s',
  ])
  expect([0, 0.000_025].map((value) => axisText(value, 'USD', 0.000_025))).toEqual([
    '$0.000000',
    '$0.000025',
  ])
  expect([0, 2].map((value) => axisText(value, 'USD', 2))).toEqual(['$0', '$2'])
  expect(axisText(150_000, '1', 50_000)).toBe('150k')
})

test.each([
  [24_000, '24 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [5_400_000, '1.5 h'],
  [604_800_000, '7 d'],
])('a length of %d ms reads %s', (ms, text) => {
  expect(spanText(ms)).toBe(text)
})

test('a table cell says of the smallest amounts that they are less than it can show', () => {
  expect(moneyCellText(0.000_000_84)).toBe('<$0.0001')
  expect(moneyCellText(0.000_1)).toBe('$0.0001')
  expect(moneyCellText(0)).toBe('$0.00')
})
