import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSyntaxError, findTooDeep, MAX_JSON_DEPTH } from './json-syntax.ts'

describe('findSyntaxError', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{"a":1', 6],
    ['{"a" 1}', 5],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['{a:1}', 1],
    ['{"a":tru}', 5],
    ['{"a":01}', 6],
    ['{"é":x}', 6],
    ['{"a":1} x', 8],
    ['["\\x"]', 2],
    ['["\\u12g4"]', 2],
    ['["a\nb"]', 3],
    ['["open', 6],
    ['{"a":"b', 7],
    ['[1 2]', 3],
    ['{"a":1]', 6],
  ])('of %j is byte %i', (text, byte) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
    expect(findSyntaxError(Buffer.from(text))).toBe(byte)
  })

  it('lies inside the text, whatever was cut out of a valid one', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat({ max: 3 }), (json, at, count) => {
        const body = Buffer.from(json)
        const from = at % (body.length + 1)
        const cut = Buffer.concat([body.subarray(0, from), body.subarray(from + count)])
        if (isValid(cut)) return
        const byte = findSyntaxError(cut)
        expect(byte).toBeGreaterThanOrEqual(0)
        expect(byte).toBeLessThanOrEqual(cut.length)
      }),
    )
  })
})

describe('findTooDeep', () => {
  it('lets the deepest allowed text pass', () => {
    const depth = MAX_JSON_DEPTH
    expect(findTooDeep(Buffer.from('['.repeat(depth) + ']'.repeat(depth)))).toBe(-1)
  })

  it('names the byte of the first bracket too many', () => {
    const depth = MAX_JSON_DEPTH + 1
    expect(findTooDeep(Buffer.from('['.repeat(depth) + ']'.repeat(depth)))).toBe(MAX_JSON_DEPTH)
  })

  it('does not count brackets in strings', () => {
    const text = JSON.stringify({ a: `"${'[{'.repeat(1_000)}\\` })
    expect(findTooDeep(Buffer.from(text))).toBe(-1)
  })
})

function isValid(body: Buffer): boolean {
  try {
    JSON.parse(body.toString())
    return true
  } catch {
    return false
  }
}
