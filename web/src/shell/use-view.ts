import { useMemo } from 'react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ViewState } from '../lib/url-state.ts'
import { windowOf, type Window } from '../lib/window.ts'
import { zoneOf, type Zone } from '../lib/zone.ts'

export type View = {
  view: ViewState
  window: Window
  zone: Zone
  filters: readonly string[]
  setView: (next: ViewState) => void
}

const NO_FILTERS: readonly string[] = []
const VIEW_KEYS = ['t', 'from', 'to', 'tz', 'cmp', 'f'] as const

/** Range, zone and filters of the page, read from and written to the URL. */
export function useView(): View {
  const search = useSearch({ from: '__root__' })
  const navigate = useNavigate()
  const { t, from, to, tz } = search
  const window = useMemo(() => windowOf({ t, from, to }), [t, from, to])
  const zone = useMemo(() => zoneOf(tz), [tz])
  const setView = (next: ViewState): void => {
    // Keys set to undefined are removed; without them the router would retain the old ones.
    const cleared = Object.fromEntries(VIEW_KEYS.map((key) => [key, next[key]]))
    void navigate({ to: '.', search: (before) => ({ ...before, ...cleared }) })
  }
  return { view: search, window, zone, filters: search.f ?? NO_FILTERS, setView }
}
