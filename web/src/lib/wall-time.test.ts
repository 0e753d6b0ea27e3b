import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantOf, isWallTime, startOfDay, wallTimeOf } from './wall-time.ts'
import { clockText, zoneOf } from './zone.ts'

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
]
const zones = fc.constantFrom(...ZONES).map(zoneOf)
const instants = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2036, 0, 1) })

test('an instant is found again from what the clocks show, or is the second showing of it', () => {
  fc.assert(
    fc.property(instants, zones, (at, zone) => {
      const found = instantOf(wallTimeOf(at, zone), zone)

      expect(wallTimeOf(found, zone)).toEqual(wallTimeOf(at, zone))
      expect(found).toBeLessThanOrEqual(at)
      expect(at - found).toBeLessThanOrEqual(3_600_000)
    }),
  )
})

test('days follow each other without a gap, each from the first instant that has its date', () => {
  fc.assert(
    fc.property(instants, zones, (at, zone) => {
      const start = startOfDay(at, zone)
      const next = startOfDay(at, zone, 1)

      expect(start).toBeLessThanOrEqual(at)
      expect(next).toBeGreaterThan(at)
      expect(startOfDay(next, zone, -1)).toBe(start)
      expect(wallTimeOf(start, zone).day).toBe(wallTimeOf(at, zone).day)
      expect(wallTimeOf(start - 1, zone).day).not.toBe(wallTimeOf(at, zone).day)
    }),
  )
})

test('a day whose midnight is skipped begins at one', () => {
  const cairo = zoneOf('Africa/Cairo')
  const start = startOfDay(Date.parse('2026-04-24T12:00Z'), cairo)

  expect(clockText(start, cairo)).toBe('01:00')
})

test('readings that no clock shows are told apart', () => {
  expect(isWallTime({ year: 2_026, month: 2, day: 29 })).toBe(false)
  expect(isWallTime({ year: 2_028, month: 2, day: 29 })).toBe(true)
  expect(isWallTime({ year: 2_026, month: 1, day: 1, hour: 24 })).toBe(false)
})
