import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FILTER_FIELDS, FILTER_OPS, parseFilterTerm } from '@sightline/server/contract'
import { parseQuery, printQuery } from './query-text.ts'

const termsOf = (line: string): string[] => parseQuery(line).terms
const issuesOf = (line: string): (string | null)[] =>
  parseQuery(line).tokens.map(({ issue }) => issue)

test.each([
  ['model:gpt-5-mini', ['model:eq:gpt-5-mini']],
  ['model:llama3.2:3b', ['model:eq:llama3.2:3b']],
  ['-model:x', ['model:ne:x']],
  ['model!=x', ['model:ne:x']],
  ['-model:a,b', ['model:ne:a', 'model:ne:b']],
  ['model:a,b', ['model:in:a,b']],
  ['model:"a,b"', ['model:eq:a,b']],
  ['model:"a,b",c', ['model:in:a%2Cb,c']],
  ['name~ticket', ['name:has:ticket']],
  ['status:error', ['status:eq:error']],
  ['dur>4s', ['latency:gt:4000']],
  ['duration<=1.5s', ['latency:lte:1500']],
  ['latency>=250', ['latency:gte:250']],
  ['cost>$0.01', ['cost:gt:0.01']],
  ['tokens>=2k', ['tokens:gte:2000']],
  ['env=prod', ['environment:eq:prod']],
  ['user:*', ['user:exists:true']],
  ['-user:*', ['user:exists:false']],
  ['user:"*"', ['user:eq:*']],
  ['user:""', ['user:eq:']],
  ['attr.http.route:/a', ['attr.http.route:eq:/a']],
  ['attr."my key":v', ['attr.my key:eq:v']],
  ['score.correctness<0.5', ['score.correctness:lt:0.5']],
  ['model:eq:x', ['model:eq:x']],
  ['model:"eq:x"', ['model:eq:eq:x']],
  ['refund "late parcel"', ['text:has:refund', 'text:has:late parcel']],
  ['"a \\"b\\" c"', ['text:has:a "b" c']],
  ['status:error  dur>4s\tnaïve', ['status:eq:error', 'latency:gt:4000', 'text:has:naïve']],
  ['  ', []],
])('%s is read as %j', (line, terms) => {
  expect(termsOf(line)).toEqual(terms)
  expect(parseQuery(line).isValid).toBe(true)
})

test.each([
  ['colour:red', /unknown field 'colour'/],
  ['dur>soon', /number, not 'soon'/],
  ['model>3', /model has no order/],
  ['status:bad', /ok or error/],
  ['model:', /give a value/],
  ['-dur>4s', /'-' goes with/],
  ['-refund', /cannot be excluded/],
  ['"late parcel', /not closed/],
  ['model:"a', /not closed/],
  [`model:${'x'.repeat(600)}`, /longer than 500/],
])('%s is refused with its reason', (line, reason) => {
  expect(issuesOf(line)).toEqual([expect.stringMatching(reason)])
  expect(termsOf(line)).toEqual([])
})

test('the place of a fault is that of its word', () => {
  const { tokens } = parseQuery('status:error colour:red refund')

  expect(tokens.map(({ from, to, issue }) => [from, to, issue !== null])).toEqual([
    [0, 12, false],
    [13, 23, true],
    [24, 30, false],
  ])
})

test('where a value begins is known behind quoted names too', () => {
  const line = 'x attr."a \\"b":v model:"q r"'

  expect(parseQuery(line).tokens.map(({ valueFrom }) => line.slice(valueFrom))).toEqual([
    line,
    'v model:"q r"',
    '"q r"',
  ])
})

test('the twenty-first term is one too many', () => {
  const words = Array.from({ length: 21 }, (_, index) => `w${index}`).join(' ')

  expect(issuesOf(words).map((issue) => issue !== null)).toEqual([
    ...Array.from({ length: 20 }, () => false),
    true,
  ])
})

test('terms are printed as one would type them', () => {
  const terms = [
    'model:eq:gpt-5-mini',
    'model:ne:x y',
    'service:in:a,b',
    'latency:gt:4000',
    'latency:lt:430',
    'cost:gte:0.01',
    'environment:exists:true',
    'text:has:refund',
    'text:has:late parcel',
    'model:in:a',
  ]

  expect(printQuery(terms)).toBe(
    'model:gpt-5-mini -model:"x y" service:a,b dur>4s dur<430ms cost>=0.01 env:* refund "late parcel" model:in:a',
  )
})

describe('for anything', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(
        ...Array.from('ab:,"\\-*%<>=~! \n\t2Cs.'),
        'é',
        '語',
        '🙂',
        'eq:',
        'in:',
      ),
      maxLength: 10,
    }),
    fc.double({ noNaN: true }).map(String),
  )
  const key = hostile.filter((one) => one !== '' && !one.includes(':'))
  const field = fc.oneof(
    fc.constantFrom(...FILTER_FIELDS),
    key.map((one) => `attr.${one}`),
    key.map((one) => `score.${one}`),
  )
  const term = fc
    .tuple(field, fc.constantFrom(...FILTER_OPS), hostile)
    .map((parts) => parts.join(':'))
    .filter((raw) => parseFilterTerm(raw).status === 'ok')

  test('every filter survives being printed and read', () => {
    fc.assert(
      fc.property(fc.uniqueArray(term, { maxLength: 6 }), (terms) => {
        const line = printQuery(terms)

        expect(termsOf(line)).toEqual(terms)
        expect(line).not.toMatch(/[\n\r]/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('what was printed once is printed the same again', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), (words) => {
        const once = printQuery(termsOf(words.join(' ')))

        expect(printQuery(termsOf(once))).toBe(once)
      }),
      { numRuns: 2_000 },
    )
  })

  test('words cover the line in order and never overlap', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const line = `${a} ${b}`
        let end = 0
        for (const { from, to, valueFrom } of parseQuery(line).tokens) {
          expect(line.slice(end, from).trim()).toBe('')
          expect(to).toBeGreaterThan(from)
          expect(valueFrom).toBeGreaterThanOrEqual(from)
          expect(valueFrom).toBeLessThanOrEqual(to)
          end = to
        }
        expect(line.slice(end).trim()).toBe('')
      }),
    )
  })
})
