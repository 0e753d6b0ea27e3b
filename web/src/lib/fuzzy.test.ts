import { expect, test } from 'vitest'
import { fuzzyScore } from './fuzzy.ts'

const best = (typed: string, texts: string[]): string[] =>
  texts
    .flatMap((text) => {
      const score = fuzzyScore(typed, text)
      return score === null ? [] : [{ text, score }]
    })
    .toSorted((a, b) => b.score - a.score)
    .map(({ text }) => text)

test('letters in order are enough, wherever they stand', () => {
  expect(fuzzyScore('gtr', 'Go to Traces')).not.toBeNull()
  expect(fuzzyScore('rtg', 'Go to Traces')).toBeNull()
})

test('a text that holds what was typed goes before one that only has its letters', () => {
  expect(best('last', ['Live and start', 'Past 6 hours, the last'])[0]).toBe(
    'Past 6 hours, the last',
  )
})

test('the start of a word counts more than the middle of one', () => {
  expect(best('tr', ['Control', 'Go to Traces'])).toEqual(['Go to Traces', 'Control'])
  expect(best('cl', ['Unclear', 'Copy link'])).toContain('Copy link')
})

test('everything answers an empty line, in the order given', () => {
  expect(best(' ', ['b', 'a'])).toEqual(['b', 'a'])
})
