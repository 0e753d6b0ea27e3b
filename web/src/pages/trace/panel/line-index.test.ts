import { expect, test } from 'vitest'
import { indexLines, rowText } from './line-index.ts'

function rowsOf(text: string, columns: number): [number, string][] {
  const index = indexLines(text, columns)
  return Array.from({ length: index.rows }, (_, row) => [
    index.lines[row] ?? -1,
    rowText(text, index, row),
  ])
}

test('every line is a row with its number, empty ones too', () => {
  expect(rowsOf('one\n\nthree\n', 80)).toEqual([
    [1, 'one'],
    [2, ''],
    [3, 'three'],
    [4, ''],
  ])
})

test('a line longer than the viewer goes on in rows without a number', () => {
  expect(rowsOf(`${'a'.repeat(16)}${'b'.repeat(16)}c\nend`, 16)).toEqual([
    [1, 'a'.repeat(16)],
    [0, 'b'.repeat(16)],
    [0, 'c'],
    [2, 'end'],
  ])
})

test('no row ends within a character of two units', () => {
  const text = `${'a'.repeat(15)}🦊${'b'.repeat(20)}`

  const rows = rowsOf(text, 16).map(([, row]) => row)

  expect(rows.every((row) => row.isWellFormed())).toBe(true)
  expect(rows.join('')).toBe(text)
})

test('a megabyte in one line becomes short rows that are the whole of it', () => {
  const text = 'x'.repeat(1_000_000)

  const index = indexLines(text, 90)

  expect(index.rows).toBe(Math.ceil(1_000_000 / 90))
  expect(rowText(text, index, index.rows - 1)).toHaveLength(1_000_000 % 90)
})
