import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capJson, capText, countUtf8, utf8Length } from './cap-json.ts'

test('what fits is plain JSON', () => {
  expect(capJson({ a: ['b', 1, null] }, 100)).toEqual({
    text: '{"a":["b",1,null]}',
    truncated: false,
  })
})

test('the longest text is shortened, the short ones stay whole', () => {
  const messages = [{ content: 'short' }, { content: 'x'.repeat(1_000) }, { content: 'also short' }]

  const { text, truncated } = capJson(messages, 200)

  const kept = JSON.parse(text ?? '') as { content: string }[]
  expect(truncated).toBe(true)
  expect(kept[0]?.content).toBe('short')
  expect(kept[1]?.content).toMatch(/^x{50,}…$/)
  expect(kept[2]?.content).toBe('also short')
})

test('of too many items the newest are kept', () => {
  const items = Array.from({ length: 1_000 }, (_, index) => index)

  const { text } = capJson(items, 100)

  expect(JSON.parse(text ?? '')).toContain(999)
  expect(JSON.parse(text ?? '')).not.toContain(0)
})

test('a structure larger than the limit is left out', () => {
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key${index}`, index]))

  expect(capJson(wide, 100)).toEqual({ text: undefined, truncated: true })
})

test('whatever the value, the result is valid, within the limit, and made of whole characters', () => {
  const anyText = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(
    fc.property(fc.array(fc.record({ role: anyText, content: anyText })), (messages) => {
      const { text } = capJson(messages, 300)
      if (text === undefined) return
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(300)
      for (const value of JSON.parse(text) as { content: string }[]) {
        expect(value.content.isWellFormed()).toBe(true)
      }
    }),
  )
})

test('a text is cut between characters', () => {
  expect(capText('🚚'.repeat(10), 15).text).toBe('🚚🚚🚚…')
  expect(capText('abc', 15)).toEqual({ text: 'abc', truncated: false })
})

test('bytes are counted as UTF-8 counts them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text))
      expect(countUtf8(text)).toBe(Buffer.byteLength(text))
    }),
  )
})
