import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shifted, toggledLive, zoomed } from './live-range.ts'
import { parseViewState, type ViewState } from './url-state.ts'
import { windowOf } from './window.ts'

const NOW = Date.parse('2026-11-22T14:50:23Z')
const HOUR = 3_600_000
const live: ViewState = {}
const past: ViewState = {
  from: Date.parse('2026-11-22T04:00Z'),
  to: Date.parse('2026-11-22T06:00Z'),
}

const shift = (view: ViewState, direction: -1 | 1): ViewState =>
  shifted(view, windowOf(view), { now: NOW, direction })
const zoom = (view: ViewState, factor: 0.5 | 2): ViewState =>
  zoomed(view, windowOf(view), { now: NOW, factor })
const lengthOf = ({ from = 0, to = 0 }: ViewState): number => to - from

test('a range is frozen and rolls again with the length it had', () => {
  const frozen = toggledLive({ t: '6h' }, windowOf({ t: '6h' }), NOW)
  const again = toggledLive(frozen, windowOf(frozen), NOW)

  expect(lengthOf(frozen)).toBe(6 * HOUR)
  expect(frozen.to).toBeLessThanOrEqual(NOW)
  expect(again).toMatchObject({ t: '6h', from: undefined, to: undefined })
})

test('the usual range leaves no key behind', () => {
  const frozen = toggledLive(live, windowOf(live), NOW)

  expect(toggledLive(frozen, windowOf(frozen), NOW).t).toBeUndefined()
})

test('shifting goes by half the length, and past now it is live', () => {
  const earlier = shift(past, -1)

  expect(earlier.from).toBe(windowAt(past) - HOUR)
  expect(lengthOf(earlier)).toBe(2 * HOUR)
  expect(shift(live, 1)).toEqual(live)
  expect(shift(shift(live, -1), 1)).toMatchObject({ t: undefined, from: undefined })
})

test('zooming halves and doubles about the middle', () => {
  const closer = zoom(past, 0.5)
  const wider = zoom(closer, 2)

  expect(lengthOf(closer)).toBe(HOUR)
  expect(closer.from).toBe(windowAt(past) + HOUR / 2)
  expect(wider).toMatchObject({ from: windowAt(past), to: windowAt(past) + 2 * HOUR })
  expect(zoom(live, 2).t).toBe('2h')
  expect(zoom({ t: '3h' }, 0.5).t).toBe('90m')
})

test('whatever is pressed, the range stays one that the URL can hold and is never of the future', () => {
  const moves = fc.array(fc.constantFrom('back', 'on', 'in', 'out', 'live'), { maxLength: 30 })
  const steps: Record<string, (view: ViewState) => ViewState> = {
    back: (view) => shift(view, -1),
    on: (view) => shift(view, 1),
    in: (view) => zoom(view, 0.5),
    out: (view) => zoom(view, 2),
    live: (view) => toggledLive(view, windowOf(view), NOW),
  }

  fc.assert(
    fc.property(moves, (keys) => {
      const view = keys.reduce((before, key) => steps[key]?.(before) ?? before, live)

      expect(parseViewState(view)).toEqual(JSON.parse(JSON.stringify(view)))
      expect(view.to ?? 0).toBeLessThanOrEqual(NOW)
    }),
  )
})

/** Ranges begin at a whole minute. */
function windowAt(view: ViewState): number {
  const window = windowOf(view)
  return window.status === 'fixed' ? window.from : 0
}
