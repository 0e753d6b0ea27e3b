import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blankLongAttributes, findSyntaxError, findTooDeep, MAX_JSON_DEPTH } from './json-syntax.ts'

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

describe('blankLongAttributes', () => {
  const blanked = (text: string, limit: number) => {
    const body = Buffer.from(text)
    expect(blankLongAttributes(body, limit)).toBe(-1)
    return JSON.parse(body.toString()) as unknown
  }

  it('keeps the first of a long list and the number of them all', () => {
    expect(
      blanked(
        '{"attributes": [{"k":[1,2]},"a,]\\"",{"x":{}},{"attributes":[1,2,3]}],"n":[1,2,3]}',
        2,
      ),
    ).toEqual({ attributes: [{ k: [1, 2] }, 'a,]"', 0, 0], n: [1, 2, 3] })
  })

  it('says the byte that is too deep', () => {
    const text = '{"attributes":'.repeat(200) + '['.repeat(200)

    expect(blankLongAttributes(Buffer.from(text), 5)).toBe(findTooDeep(Buffer.from(text)))
  })

  it('leaves all that is within the limit as it is, and changes no length', () => {
    const element = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({ attributes: [1, 2, 3] }))
    const list = fc.array(element, { maxLength: 8 })
    fc.assert(
      fc.property(list, list, fc.integer({ min: 1, max: 9 }), (attributes, other, limit) => {
        const sent = { attributes, other, spans: [{ attributes: other }] }

        expect(blanked(JSON.stringify(sent), limit)).toEqual(
          cutLists(JSON.parse(JSON.stringify(sent)), limit),
        )
      }),
    )
  })
})

function cutLists(value: unknown, limit: number): unknown {
  if (Array.isArray(value)) return value.map((item) => cutLists(item, limit))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      if (key !== 'attributes' || !Array.isArray(inner)) return [key, cutLists(inner, limit)]
      return [key, inner.map((item: unknown, at) => (at < limit ? item : 0))]
    }),
  )
}
