import { createContext, useContext, useSyncExternalStore } from 'react'

/** The one crosshair of a page: all its charts show the same instant. */
export type HoverStore = {
  get: () => number | null
  set: (at: number | null) => void
  subscribe: (listener: () => void) => () => void
}

export function createHoverStore(): HoverStore {
  let current: number | null = null
  const listeners = new Set<() => void>()
  return {
    get: () => current,
    set: (at) => {
      if (at === current) return
      current = at
      for (const listener of listeners) listener()
    },
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
