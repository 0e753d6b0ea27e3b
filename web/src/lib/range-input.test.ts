import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRangeInput, type RangeInput } from './range-input.ts'
import { zoneOf } from './zone.ts'

const utc = zoneOf('utc')
const berlin = zoneOf('Europe/Berlin')
const NOW = Date.parse('2026-11-22T13:50:23Z')

const read = (text: string, zone = utc, now = NOW): RangeInput =>
  parseRangeInput(text, { now, zone })
const fixed = (from: string, to: string): RangeInput => ({
  status: 'fixed',
  from: Date.parse(from),
  to: Date.parse(to),
})

test.each([
  ['6h', '6h'],
  ['45m', '45m'],
  ['2d', '2d'],
  ['1w', '7d'],
  ['90 min', '90m'],
  ['last 30 minutes', '30m'],
  ['Past 2 Hours', '2h'],
  ['the last hour', '1h'],
  ['last week', '7d'],
  ['12000m', '200h'],
])('%s rolls', (text, t) => {
  expect(read(text)).toEqual({ status: 'rolling', t })
})

test.each([
  ['2026-11-22 14:00 to 15:30', '2026-11-22T14:00Z', '2026-11-22T15:30Z'],
  ['2026-11-22T14:00/2026-11-23T09:00', '2026-11-22T14:00Z', '2026-11-23T09:00Z'],
  ['2026-11-22T14:00:00.250+02:00 to now', '2026-11-22T12:00:00.250Z', '2026-11-22T13:50:23Z'],
  ['1795355400000 - 1795359000000', '2026-11-22T13:50Z', '2026-11-22T14:50Z'],
  ['1795355400 – 1795359000', '2026-11-22T13:50Z', '2026-11-22T14:50Z'],
  ['yesterday', '2026-11-21T00:00Z', '2026-11-22T00:00Z'],
  ['today', '2026-11-22T00:00Z', '2026-11-22T13:50:23Z'],
  ['yesterday 14:00 to 15:30', '2026-11-21T14:00Z', '2026-11-21T15:30Z'],
  ['yesterday to today', '2026-11-21T00:00Z', '2026-11-22T13:50:23Z'],
  ['2026-11-01 to 2026-11-03', '2026-11-01T00:00Z', '2026-11-04T00:00Z'],
  ['22 Nov, 13:00 to 13:30', '2026-11-22T13:00Z', '2026-11-22T13:30Z'],
  ['Dec 24 18:00 to 20:00', '2025-12-24T18:00Z', '2025-12-24T20:00Z'],
  ['3 March 2026', '2026-03-03T00:00Z', '2026-03-04T00:00Z'],
  ['12:00 to 13:00', '2026-11-22T12:00Z', '2026-11-22T13:00Z'],
  ['23:00 to 01:00', '2026-11-21T23:00Z', '2026-11-22T01:00Z'],
  ['20:00 to 24:00', '2026-11-21T20:00Z', '2026-11-22T00:00Z'],
  ['since 12:30', '2026-11-22T12:30Z', '2026-11-22T13:50:23Z'],
  ['from yesterday to now', '2026-11-21T00:00Z', '2026-11-22T13:50:23Z'],
  ['1795355400000', '2026-11-22T13:20Z', '2026-11-22T14:20Z'],
  ['2026-11-22T13:50:00Z', '2026-11-22T13:20Z', '2026-11-22T14:20Z'],
])('%s', (text, from, to) => {
  expect(read(text)).toEqual(fixed(from, to))
})

test.each([
  ['', 'Type a range'],
  ['soon', "'soon' is no time"],
  ['2026-02-30', "'2026-02-30' is no time"],
  ['25:00 to 26:00', "'25:00' is no time"],
  ['12:00 to later', "'later' is no time"],
  ['2026-11-22 15:00 to 2026-11-22 14:00', 'ends before it begins'],
  ['2026-01-01 to 2026-06-01', 'at most 90 days'],
  ['100d', '90 days'],
  ['0m', '1 minute'],
])('%s is refused with the reason', (text, reason) => {
  const result = read(text)

  expect(result.status === 'invalid' && result.message).toContain(reason)
})

describe('in a zone with summer time', () => {
  test('a day that has 25 hours is 25 hours long', () => {
    const result = read('yesterday', berlin, Date.parse('2026-10-26T08:00Z'))

    expect(result).toEqual(fixed('2026-10-24T22:00Z', '2026-10-25T23:00Z'))
  })

  test('a time that is shown twice means its first showing', () => {
    expect(read('2026-10-25 02:30 to 03:30', berlin)).toEqual(
      fixed('2026-10-25T00:30Z', '2026-10-25T02:30Z'),
    )
  })

  test('a time that is skipped means the same time after the jump', () => {
    expect(read('2026-03-29 02:10 to 2026-03-29 03:30', berlin)).toEqual(
      fixed('2026-03-29T01:10Z', '2026-03-29T01:30Z'),
    )
  })

  test('an offset in the text goes before the zone of the page', () => {
    expect(read('2026-11-22T14:00+09:00 to 2026-11-22T07:00Z', berlin)).toEqual(
      fixed('2026-11-22T05:00Z', '2026-11-22T07:00Z'),
    )
  })
})

const WORDS =
  'today yesterday to - / last 5 m 24:00 02:30 now 2026-03-29 1795355400000 z +01:00 since'.split(
    ' ',
  )

describe('whatever is typed', () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 300, unit: 'grapheme' }),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }).map((parts) => parts.join(' ')),
  )
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia')

  test('the answer is a reason, a length of 1 minute to 90 days, or a range of at most 90 days', () => {
    fc.assert(
      fc.property(texts, zones, (text, id) => {
        const result = read(text, zoneOf(id))
        if (result.status === 'invalid') expect(result.message).not.toBe('')
        if (result.status === 'rolling') expect(result.t).toMatch(/^\d{1,4}[mhd]$/)
        if (result.status !== 'fixed') return
        expect(result.from).toBeLessThan(result.to)
        expect(result.to - result.from).toBeLessThanOrEqual(90 * 86_400_000)
      }),
    )
  })
})
