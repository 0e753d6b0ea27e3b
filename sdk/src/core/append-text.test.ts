import { expect, test } from 'vitest'
import { appendText } from './append-text.ts'

test.each([
  ['letters', ['a', 'bc', '']],
  ['halves of characters', ['\ud83d', '\ude00', 'é', '\u0000']],
  ['long pieces', ['x'.repeat(700), 'y'.repeat(300_000)]],
])('%s come out as they went in', (_name, pieces) => {
  let [grown, expected] = ['', '']
  for (let round = 0; round < 3_000; round++) {
    const piece = pieces[round % pieces.length] ?? ''
    if (expected.length > 2_000_000) break
    grown = appendText(grown, piece, 10_000_000)
    expected = [expected, piece].join('')
    if (grown !== expected) expect(grown).toBe(expected)
  }
  expect(grown.length).toBeGreaterThan(2_000)
})

test('a text longer than allowed stays as it is', () => {
  const whole = appendText(appendText('', 'abcd', 3), 'e', 3)

  expect(whole).toBe('abcd')
})
