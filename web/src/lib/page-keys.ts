import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import { keysNow, useKeyMap } from './key-map.ts'
import { isTyping } from './typing.ts'

export type KeyBinding = {
  /** As pressed: `j`, `Shift+X`, `Space`, `Enter`, `ArrowLeft`, `[`; two in a row: `G O`. */
  keys: string
  label: string
  run: (event: KeyboardEvent) => void
  /** Left out of the list of shortcuts. */
  isHidden?: boolean
}
export type ListedKey = {
  /** As they are now. */
  keys: string
  /** As they are unless the user chose others; null for keys that cannot be changed. */
  original: string | null
  label: string
}
export type KeyGroup = { title: string; bindings: readonly ListedKey[] }

type Registered = {
  group: KeyGroup
  /** Every key that is bound, those left out of the list too, in lower case. */
  bound: readonly string[]
  handle: (pressed: string, event: KeyboardEvent) => boolean
}

const CHORD_MS = 1_500
const OFF = 'sightline.keys'

/** Newest first: the keys of a part win over those of what it stands in. */
let pageParts: readonly Registered[] = []
let shellParts: readonly Registered[] = []
let groups: readonly KeyGroup[] = []
let begun: { key: string; at: number } | null = null
const listeners = new Set<() => void>()

/**
 * Keys of one part of a page, for as long as it is mounted. They are off in fields, and where the
 * focus is on a control that takes the key itself (Enter and Space on a button or link).
 */
export function usePageKeys(title: string, bindings: readonly KeyBinding[], enabled = true): void {
  useKeys({ title, bindings, enabled, isShell: false })
}

/** Keys that every page has; a page's own binding of the same key goes before. */
export function useShellKeys(title: string, bindings: readonly KeyBinding[], enabled = true): void {
  useKeys({ title, bindings, enabled, isShell: true })
}

type Part = { title: string; bindings: readonly KeyBinding[]; enabled: boolean; isShell: boolean }

function useKeys({ title, bindings, enabled, isShell }: Part): void {
  const handle = useEffectEvent((pressed: string, event: KeyboardEvent): boolean => {
    const binding = bindings.find(({ keys }) => keysNow(keys).toLowerCase() === pressed)
    if (binding === undefined) return false
    event.preventDefault()
    binding.run(event)
    return true
  })
  useKeyMap()
  const described = JSON.stringify(
    bindings.map(({ keys, label, isHidden = false }) => {
      return { keys: keysNow(keys), original: keys, label, isHidden }
    }),
  )
  useEffect(() => {
    if (!enabled) return
    const all = JSON.parse(described) as (ListedKey & { isHidden: boolean })[]
    const part: Registered = {
      group: { title, bindings: all.filter(({ isHidden }) => !isHidden) },
      bound: all.map(({ keys }) => keys.toLowerCase()),
      handle: (pressed, event) => handle(pressed, event),
    }
    if (isShell) setParts(pageParts, [part, ...shellParts])
    else setParts([part, ...pageParts], shellParts)
    return () => {
      const others = (parts: readonly Registered[]) => parts.filter((one) => one !== part)
      setParts(others(pageParts), others(shellParts))
    }
  }, [title, described, enabled, isShell])
}

/** Everything that can be pressed now, for the list of shortcuts. */
export function useKeyGroups(): readonly KeyGroup[] {
  return useSyncExternalStore(subscribe, () => groups)
}

/** The name of what was pressed, as in `KeyBinding.keys` but in lower case; '' for a modifier. */
export function pressedKey(event: PressedKey): string {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === 'Shift') return ''
  const key = event.key === ' ' ? 'Space' : event.key
  const isLetter = /^[a-z]$/i.test(key)
  return `${event.shiftKey && (isLetter || key.length > 1) ? 'shift+' : ''}${key}`.toLowerCase()
}

type PressedKey = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

export function useKeysOn(): boolean {
  return useSyncExternalStore(subscribe, areKeysOn)
}

/** Single-key shortcuts can be turned off (WCAG 2.1.4). */
export function areKeysOn(): boolean {
  return localStorage.getItem(OFF) !== 'off'
}

export function setKeysOn(isOn: boolean): void {
  if (isOn) localStorage.removeItem(OFF)
  else localStorage.setItem(OFF, 'off')
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function setParts(page: readonly Registered[], shell: readonly Registered[]): void {
  pageParts = page
  shellParts = shell
  const parts = [...page, ...shell]
  groups = parts.map(({ group }) => group).filter(({ bindings }) => bindings.length > 0)
  document.removeEventListener('keydown', onKeyDown)
  if (parts.length > 0) document.addEventListener('keydown', onKeyDown)
  for (const listener of listeners) listener()
}

function onKeyDown(event: KeyboardEvent): void {
  const pressed = pressedKey(event)
  if (pressed === '' || isMeantElsewhere(event)) return
  const chord =
    begun !== null && event.timeStamp - begun.at < CHORD_MS ? `${begun.key} ${pressed}` : null
  begun = null
  const parts = [...pageParts, ...shellParts]
  for (const keys of chord === null ? [pressed] : [chord, pressed]) {
    if (parts.some((part) => part.handle(keys, event))) return
  }
  if (parts.some(({ bound }) => bound.some((keys) => keys.startsWith(`${pressed} `)))) {
    begun = { key: pressed, at: event.timeStamp }
    event.preventDefault()
  }
}

function isMeantElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || isTyping(event.target) || isTakenByControl(event)) return true
  return !areKeysOn() || isDialogOpen()
}

/** A dialog over the page takes the keys; what lies beneath must not act on them. */
function isDialogOpen(): boolean {
  return document.querySelector('[data-keys-off]') !== null
}

function isTakenByControl({ key, target }: KeyboardEvent): boolean {
  if (key !== 'Enter' && key !== ' ') return false
  return (
    target instanceof HTMLElement &&
    target.closest('button, a, summary, [role="button"], [role="option"]') !== null
  )
}
