import { expect, test } from 'vitest'
import { redactedPieces } from './redactions.ts'

const markersOf = (text: string): string[] =>
  redactedPieces(text)
    .filter(({ isMarker }) => isMarker)
    .map((piece) => piece.text)

test('what stands in place of a text is a marker, the rest is as it was', () => {
  const text = 'Order [ORDER_ID] of [EMAIL], said [redacted 120 chars].'

  expect(markersOf(text)).toEqual(['[ORDER_ID]', '[EMAIL]', '[redacted 120 chars]'])
  expect(
    redactedPieces(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text)
})

test('levels of a log, footnotes and code are no markers', () => {
  expect(markersOf('[INFO] started [1] a[I] [x] ["EMAIL"] [es-invoice-3]')).toEqual([])
})

test('a text of markers only is cut up so far and no further', () => {
  const pieces = redactedPieces('[EMAIL]'.repeat(5_000))

  expect(pieces.length).toBeLessThan(300)
  expect(pieces.map((piece) => piece.text).join('')).toHaveLength(35_000)
})
