import { expect, test } from 'vitest'
import { clampedZoom, movedBy, parseZoom, ticksOf, zoomedBy, zoomText } from './zoom.ts'

test('a part of the trace comes back from the address as it went there', () => {
  const zoom = { fromMs: 1_200.5, toMs: 3_400 }

  expect(parseZoom(zoomText(zoom), 8_400)).toEqual(zoom)
  expect(parseZoom(undefined, 8_400)).toBeNull()
  expect(parseZoom('300-200', 8_400)).toBeNull()
  expect(parseZoom('0-999999', 8_400)).toBeNull()
})

test('a part stays within the trace, and the whole of it is no part', () => {
  expect(clampedZoom({ fromMs: -50, toMs: 50 }, 1_000)).toEqual({ fromMs: 0, toMs: 100 })
  expect(clampedZoom({ fromMs: 950, toMs: 1_050 }, 1_000)).toEqual({ fromMs: 900, toMs: 1_000 })
  expect(clampedZoom({ fromMs: -10, toMs: 1_010 }, 1_000)).toBeNull()
  expect(movedBy({ fromMs: 100, toMs: 200 }, -500, 1_000)).toEqual({ fromMs: 0, toMs: 100 })
})

test('zooming keeps the instant under the pointer where it is', () => {
  expect(zoomedBy({ fromMs: 0, toMs: 1_000 }, 0.5, 200)).toEqual({ fromMs: 100, toMs: 600 })
})

test('ticks are round and at most six', () => {
  expect(ticksOf({ fromMs: 0, toMs: 8_400 })).toEqual([0, 2_000, 4_000, 6_000, 8_000])
  expect(ticksOf({ fromMs: 1_130, toMs: 1_190 })).toEqual([1_140, 1_160, 1_180])
  for (const toMs of [0.03, 1, 7, 19, 333, 12_345, 9e6]) {
    expect(ticksOf({ fromMs: 0, toMs }).length).toBeLessThanOrEqual(6)
  }
})
