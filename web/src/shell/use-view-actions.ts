import { fixed, rolling, shifted, toggledLive, zoomed } from '../lib/live-range.ts'
import type { RangeInput } from '../lib/range-input.ts'
import { serverNow } from '../lib/server-time.ts'
import { COMPARES, DEFAULT_COMPARE, parseRange, type Compare } from '../lib/url-state.ts'
import { useView } from './use-view.ts'

export type ViewActions = {
  compare: Compare
  toggleLive: () => void
  shift: (direction: -1 | 1) => void
  zoom: (factor: 0.5 | 2) => void
  setRange: (range: Exclude<RangeInput, { status: 'invalid' }>) => void
  setZone: (tz: string | undefined) => void
  toggleUtc: () => void
  setCompare: (compare: Compare) => void
  cycleCompare: () => void
  setFilters: (filters: readonly string[]) => void
}

/** What the top bar, its keys and the palette do to the page's range, zone and filters. */
export function useViewActions(): ViewActions {
  const { view, window, zone, setView } = useView()
  const compare = view.cmp ?? DEFAULT_COMPARE
  const setZone = (tz: string | undefined): void => setView({ ...view, tz })
  const setCompare = (next: Compare): void =>
    setView({ ...view, cmp: next === DEFAULT_COMPARE ? undefined : next })
  return {
    compare,
    toggleLive: () => setView(toggledLive(view, window, serverNow())),
    shift: (direction) => setView(shifted(view, window, { now: serverNow(), direction })),
    zoom: (factor) => setView(zoomed(view, window, { now: serverNow(), factor })),
    setRange: (range) =>
      setView(
        range.status === 'fixed'
          ? fixed(view, range.from, range.to)
          : rolling(view, parseRange(range.t) ?? 0),
      ),
    setZone,
    toggleUtc: () => setZone(zone.id === 'UTC' ? undefined : 'utc'),
    setCompare,
    cycleCompare: () =>
      setCompare(COMPARES[(COMPARES.indexOf(compare) + 1) % COMPARES.length] ?? DEFAULT_COMPARE),
    setFilters: (filters) => setView({ ...view, f: filters.length > 0 ? [...filters] : undefined }),
  }
}
