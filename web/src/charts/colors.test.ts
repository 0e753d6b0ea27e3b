import { expect, test } from 'vitest'
import { colorsOf, OTHERS } from './colors.ts'

test('a name keeps its colour whatever the order it is listed in', () => {
  const one = colorsOf(['gpt-5-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash'])
  const other = colorsOf(['gemini-2.5-flash', 'gpt-5-mini', 'claude-sonnet-4-5'])

  expect(Object.fromEntries(one)).toEqual(Object.fromEntries(other))
})

test('six names have six colours, the seventh and the others are grey', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f']

  const colors = colorsOf([...six, 'g', OTHERS])

  expect(new Set(six.map((name) => colors.get(name))).size).toBe(6)
  expect(colors.get('g')).toBe('var(--s0)')
  expect(colors.get(OTHERS)).toBe('var(--s0)')
})
