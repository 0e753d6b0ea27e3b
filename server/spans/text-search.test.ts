import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTextSearch } from './text-search.ts'

const letter = fc.constantFrom('a', 'Z', 'k', '9', ' ', 'İ', '\u212a', 'é', 'ß', 'Σ', 'ς', '\u0301')
const sign = fc.constantFrom('"', '\\', '/', '\n', '\u0001', '🙂', '-', '_', '%')
const text = fc.array(fc.oneof(letter, sign), { maxLength: 12 }).map((parts) => parts.join(''))

/** The inside of a JSON string as no one writes it: every unit as an escape. */
function escapeAll(value: string): string {
  return value.replaceAll(/[^]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${hex}`
  })
}

const writings: ((value: string) => string)[] = [
  (value) => value,
  (value) => value.toUpperCase(),
  (value) => value.normalize('NFD'),
  (value) => JSON.stringify(value),
  escapeAll,
  (value) => JSON.stringify(JSON.stringify([value])),
]

test('the bytes are never passed over where the text is found', () => {
  fc.assert(
    fc.property(text, text, fc.constantFrom(...writings), (wanted, around, write) => {
      const stored = write(`${around}${wanted}${around}`)
      const search = createTextSearch(wanted)

      if (search.isIn(stored)) expect(search.mayBeIn(Buffer.from(stored))).toBe(true)
    }),
    { numRuns: 3_000, seed: 3 },
  )
})

test.each([
  ['as it is', (value: string) => value],
  ['as JSON', (value: string) => JSON.stringify(value)],
  ['as JSON in JSON', (value: string) => JSON.stringify(JSON.stringify([value]))],
  ['with every letter escaped', escapeAll],
])('a text written %s is found', (_, write) => {
  for (const value of ['Grüne Äpfel 🙂', 'two\nlines "quoted"', '100% a_b', 'tab\there', 'ΟΔΟΣ']) {
    expect(createTextSearch(value).isIn(write(`before ${value} after`)), value).toBe(true)
    expect(createTextSearch(value.toUpperCase()).isIn(write(`${value}.`)), value).toBe(true)
    expect(createTextSearch(`${value}!`).isIn(write(value)), value).toBe(false)
  }
})

test('bytes without the letters of the text are passed over', () => {
  const search = createTextSearch('refund')

  expect(search.mayBeIn(Buffer.from('where is my order? {"a":"\\u00fc"}'))).toBe(false)
  expect(search.mayBeIn(Buffer.from('where is my REFUND?'))).toBe(true)
})
