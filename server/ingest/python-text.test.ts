import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePythonText } from './python-text.ts'

describe('Python literals', () => {
  it.each([
    ["{'cache_read': 64, 'audio': None, 'ok': True}", { cache_read: 64, audio: null, ok: true }],
    ["[{'role': 'user', 'content': 'It\\'s 7 °C'}]", [{ role: 'user', content: "It's 7 °C" }]],
    ['{\'a\': "it\'s", "b": [1.5, -2e3, ()]}', { a: "it's", b: [1.5, -2000, []] }],
    ["('a', 'b',)", ['a', 'b']],
    ["{'a\\n': False}", { 'a\n': false }],
    ['{}', {}],
  ])('%s', (text, expected) => {
    expect(parsePythonText(text)).toEqual(expected)
  })

  it.each(['', '{', "{'a'}", "{'a': }", "['a' 'b']", 'Hi', "{'a': 1} x", "{'a': Foo()}", "'a"])(
    'are not %j',
    (text) => {
      expect(parsePythonText(text)).toBeUndefined()
    },
  )

  it('have keys that are keys of no prototype', () => {
    const parsed = parsePythonText("{'__proto__': {'x': 1}}") as object

    expect(Object.keys(parsed)).toEqual(['__proto__'])
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('nest no deeper than a bound', () => {
    expect(parsePythonText('['.repeat(100_000))).toBeUndefined()
  })

  it('never throw', () => {
    const text = fc.string({ unit: fc.constantFrom(...'{}[]()\'",:\\ aT1.NoneTrue'.split('')) })
    fc.assert(fc.property(text, (one) => void parsePythonText(one)))
  })
})
