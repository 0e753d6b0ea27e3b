import { useSyncExternalStore } from 'react'

// Which key the user chose in place of which (WCAG 2.1.4), remembered in this browser only.

const STORE = 'sightline.keymap'
const MAX_ENTRIES = 200
const listeners = new Set<() => void>()
let chosen: ReadonlyMap<string, string> | undefined

/** The keys that do now what `keys` do by default. */
export function keysNow(keys: string): string {
  return map().get(keys.toLowerCase()) ?? keys
}

/** Puts `to` in the place of the default `keys`; null gives the default back. */
export function remapKeys(keys: string, to: string | null): void {
  const changed = new Map(map())
  const from = keys.toLowerCase()
  if (to === null || to.toLowerCase() === from) changed.delete(from)
  else if (changed.size < MAX_ENTRIES) changed.set(from, to)
  save(changed)
}

export function resetKeys(): void {
  save(new Map())
}

/** Changes whenever the map does. */
export function useKeyMap(): ReadonlyMap<string, string> {
  return useSyncExternalStore(subscribe, map)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function save(changed: ReadonlyMap<string, string>): void {
  chosen = changed
  if (changed.size === 0) localStorage.removeItem(STORE)
  else localStorage.setItem(STORE, JSON.stringify([...changed]))
  for (const listener of listeners) listener()
}

function map(): ReadonlyMap<string, string> {
  chosen ??= parseKeyMap(localStorage.getItem(STORE))
  return chosen
}

/** What stands in the store may be of another version, or edited: only pairs of texts count. */
export function parseKeyMap(stored: string | null): ReadonlyMap<string, string> {
  if (stored === null) return new Map()
  try {
    const pairs: unknown = JSON.parse(stored)
    if (!Array.isArray(pairs)) return new Map()
    return new Map(pairs.slice(0, MAX_ENTRIES).filter(isPair))
  } catch {
    // Unreadable is the same as none: the keys are the defaults then.
    return new Map()
  }
}

function isPair(pair: unknown): pair is [string, string] {
  return Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string'
}
