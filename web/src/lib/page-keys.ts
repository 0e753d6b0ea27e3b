import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import { isTyping } from './typing.ts'

export type KeyBinding = {
  /** As pressed: `j`, `Shift+X`, `Space`, `Enter`, `ArrowLeft`, `[`. */
  keys: string
  label: string
  run: (event: KeyboardEvent) => void
  /** Left out of the list of shortcuts. */
  isHidden?: boolean
}
export type KeyGroup = { title: string; bindings: readonly Omit<KeyBinding, 'run'>[] }

let groups: readonly KeyGroup[] = []
const listeners = new Set<() => void>()
const OFF = 'sightline.keys'

/**
 * Keys of one part of a page, for as long as it is mounted. They are off in fields, and where the
 * focus is on a control that takes the key itself (Enter and Space on a button or link).
 */
export function usePageKeys(title: string, bindings: readonly KeyBinding[], enabled = true): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || isTyping(event.target) || !areKeysOn()) return
    const pressed = nameOf(event)
    const binding = bindings.find(({ keys }) => keys.toLowerCase() === pressed)
    if (binding === undefined || isTakenByControl(event)) return
    event.preventDefault()
    binding.run(event)
  })
  const listed = JSON.stringify(
    bindings
      .filter(({ isHidden }) => isHidden !== true)
      .map(({ keys, label }) => ({ keys, label })),
  )
  useEffect(() => {
    if (!enabled) return
    const group: KeyGroup = { title, bindings: JSON.parse(listed) as KeyGroup['bindings'] }
    setGroups([...groups, group])
    document.addEventListener('keydown', onKey)
    return () => {
      setGroups(groups.filter((one) => one !== group))
      document.removeEventListener('keydown', onKey)
    }
  }, [title, listed, enabled])
}

/** Everything that can be pressed now, for the list of shortcuts. */
export function useKeyGroups(): readonly KeyGroup[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => groups,
  )
}

/** Single-key shortcuts can be turned off (WCAG 2.1.4). */
export function areKeysOn(): boolean {
  return localStorage.getItem(OFF) !== 'off'
}

export function setKeysOn(isOn: boolean): void {
  if (isOn) localStorage.removeItem(OFF)
  else localStorage.setItem(OFF, 'off')
  setGroups([...groups])
}

function setGroups(next: readonly KeyGroup[]): void {
  groups = next
  for (const listener of listeners) listener()
}

function nameOf(event: KeyboardEvent): string {
  if (event.ctrlKey || event.metaKey || event.altKey) return ''
  const key = event.key === ' ' ? 'Space' : event.key
  const isLetter = /^[a-z]$/i.test(key)
  return `${event.shiftKey && (isLetter || key.length > 1) ? 'shift+' : ''}${key}`.toLowerCase()
}

function isTakenByControl({ key, target }: KeyboardEvent): boolean {
  if (key !== 'Enter' && key !== ' ') return false
  return (
    target instanceof HTMLElement &&
    target.closest('button, a, summary, [role="button"], [role="option"]') !== null
  )
}
