import { expect, test } from 'vitest'
import { CopyBuffer, dayOf, dayText } from './copy-buffer.ts'

test('a row is a field count and length-prefixed big-endian fields between signature and trailer', () => {
  const out = new CopyBuffer(24)
  out.startRow(3)
  out.int4(-2)
  out.text('é')
  out.nil()

  expect(out.finish().toString('hex')).toBe(
    [
      '5047434f50590aff0d0a00', // signature
      '0000000000000000', // flags, extension
      '0003',
      '00000004fffffffe',
      '00000002c3a9',
      'ffffffff',
      'ffff',
    ].join(''),
  )
})

test('int8 keeps every whole number within ±2^53', () => {
  for (const value of [0, -1, 1, 4_294_967_296, -4_294_967_297, 2 ** 53 - 1, -(2 ** 53 - 1)]) {
    const out = new CopyBuffer()
    out.int8(value)
    const bytes = out.finish()
    expect(Number(bytes.readBigInt64BE(23))).toBe(value)
  }
})

test('times count from 2000 and days name their UTC date', () => {
  const us = Date.parse('2026-11-26T23:59:59.999Z') * 1_000

  expect(dayText(dayOf(us))).toBe('2026-11-26')
  expect(dayText(dayOf(us + 1_000))).toBe('2026-11-27')
  expect(dayText(dayOf(-1))).toBe('1969-12-31')
})

test('a buffer grows to whatever is written into it', () => {
  const out = new CopyBuffer(20)
  const long = 'x'.repeat(100_000)
  out.startRow(1)
  out.text(long)

  const bytes = out.finish()

  expect(bytes.length).toBe(19 + 2 + 4 + 100_000 + 2)
  expect(bytes.toString('utf8', 25, 100_025)).toBe(long)
})
