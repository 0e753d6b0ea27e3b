import { describe, expect, test } from 'vitest'
import { detectLanguage } from './content/packs.ts'
import { supportPrompts } from './prompts.ts'

describe('support prompts', () => {
  test('there are at least 200 different ones in three languages', () => {
    const prompts = supportPrompts(1)

    expect(new Set(prompts.map(({ text }) => text)).size).toBeGreaterThanOrEqual(200)
    const languages = Map.groupBy(prompts, ({ language }) => language)
    expect([...languages.keys()].sort()).toEqual(['de', 'en', 'es'])
    for (const group of languages.values()) expect(group.length).toBeGreaterThanOrEqual(60)
  })

  test('no slot is left open, and some carry emoji and accents', () => {
    const texts = supportPrompts(2).map(({ text }) => text)

    expect(texts.filter((text) => /[{}]/.test(text))).toEqual([])
    expect(texts.some((text) => /\p{Extended_Pictographic}/u.test(text))).toBe(true)
    expect(texts.some((text) => /[áéíóúñäöüß]/.test(text))).toBe(true)
  })

  test('the same seed gives the same prompts, another one others', () => {
    expect(supportPrompts(7)).toEqual(supportPrompts(7))
    expect(supportPrompts(7)).not.toEqual(supportPrompts(8))
  })

  test('the language of nearly every prompt is recognised', () => {
    const prompts = supportPrompts(3)

    const wrong = prompts.filter(({ text, language }) => detectLanguage(text).language !== language)

    expect(wrong.length / prompts.length).toBeLessThan(0.05)
  })
})
