import { expect, test } from 'vitest'
import { clockText, instantText, isTimeZone, offsetText, rangeText, zoneOf } from './zone.ts'

const berlin = zoneOf('Europe/Berlin')
const at = Date.parse('2026-11-22T13:50:23.114Z')

test('times and their offset are in the zone of the page', () => {
  expect(clockText(at, berlin)).toBe('14:50')
  expect(clockText(at, zoneOf('utc'), true)).toBe('13:50:23')
  expect(instantText(at, berlin)).toBe('22 Nov, 14:50:23.114')
  expect(offsetText(at, berlin)).toBe('UTC+01:00')
  expect(offsetText(Date.parse('2026-07-01T00:00:00Z'), berlin)).toBe('UTC+02:00')
  expect(offsetText(at, zoneOf('utc'))).toBe('UTC')
  expect(offsetText(at, zoneOf('America/St_Johns'))).toBe('UTC−03:30')
})

test('a made-up zone is told from a real one', () => {
  expect(isTimeZone('Asia/Tokyo')).toBe(true)
  expect(isTimeZone('Mars/Olympus')).toBe(false)
})

test('a range names its day once, and its year when it is another', () => {
  const range = { from: at - 3_600_000, to: at }

  expect(rangeText(range, berlin, at)).toBe('22 Nov, 13:50 to 14:50')
  expect(rangeText({ ...range, from: at - 86_400_000 }, berlin, at)).toBe(
    '21 Nov, 14:50 to 22 Nov, 14:50',
  )
  expect(rangeText(range, berlin, Date.parse('2027-02-01T00:00Z'))).toBe(
    '22 Nov 2026, 13:50 to 14:50',
  )
})
