import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from './bytes.ts'

test('varints of up to 53 bits come back as written', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
      const out = new ByteWriter(1)
      for (const number of numbers) out.varint(number)
      const reader = new ByteReader(Buffer.from(out.view()))
      expect(numbers.map(() => reader.varint())).toEqual(numbers)
      expect(reader.position).toBe(out.length)
    }),
  )
})

test('zigzag varints keep their sign', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }), (number) => {
      const out = new ByteWriter()
      out.zigzag(number)
      expect(new ByteReader(out.view()).zigzag()).toBe(number)
    }),
  )
})

test('text of any script comes back as written', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
      const out = new ByteWriter()
      for (const text of texts) out.text(text)
      const reader = new ByteReader(Buffer.from(out.view()))
      expect(texts.map(() => reader.text())).toEqual(texts)
    }),
  )
})

test('reading past the end is refused', () => {
  expect(() => new ByteReader(Buffer.from([0x80])).varint()).toThrow('packed row ends at byte 1')
})
