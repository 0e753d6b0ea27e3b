import { createContext, useContext, useSyncExternalStore } from 'react'

/** The one crosshair of a page: all its charts show the same instant. */
export type HoverStore = {
  /** The pinned bucket, else the one under the pointer or moved to by keys. */
  get: () => number | null
  set: (at: number | null) => void
  /** A pinned time stays until it is let go with null; `chartId` is the chart it was pinned in. */
  pin: (at: number | null, chartId?: string) => void
  isPinned: () => boolean
  pinnedIn: () => string | null
  subscribe: (listener: () => void) => () => void
}

export function createHoverStore(): HoverStore {
  let hovered: number | null = null
  let pinned: number | null = null
  let chart: string | null = null
  const listeners = new Set<() => void>()
  const change = (next: { hovered: number | null; pinned: number | null }): void => {
    const isSame = next.hovered === hovered && next.pinned === pinned
    ;({ hovered, pinned } = next)
    if (isSame) return
    for (const listener of listeners) listener()
  }
  return {
    get: () => pinned ?? hovered,
    set: (at) => change({ hovered: at, pinned }),
    pin: (at, chartId) => {
      chart = at === null ? null : (chartId ?? chart)
      change({ hovered, pinned: at })
    },
    isPinned: () => pinned !== null,
    pinnedIn: () => chart,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const HoverContext = createContext<HoverStore>(createHoverStore())

export function useHover(): number | null {
  const store = useContext(HoverContext)
  return useSyncExternalStore(store.subscribe, store.get)
}

export function useIsPinned(): boolean {
  const store = useContext(HoverContext)
  return useSyncExternalStore(store.subscribe, store.isPinned)
}

export function useIsPinnedIn(chartId: string): boolean {
  const store = useContext(HoverContext)
  return useSyncExternalStore(store.subscribe, () => store.pinnedIn() === chartId)
}
