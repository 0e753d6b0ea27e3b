import { useEffect, useEffectEvent } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { toggledLive } from '../lib/live-range.ts'
import { serverNow } from '../lib/server-time.ts'
import { isTyping } from '../lib/typing.ts'
import { useView } from './use-view.ts'

export const SHORTCUTS = [
  { keys: ['G', 'O'], label: 'Overview' },
  { keys: ['G', 'T'], label: 'Traces' },
  { keys: ['G', 'A'], label: 'Alerts' },
  { keys: ['F'], label: 'Add a filter' },
  { keys: ['T'], label: 'Choose the range' },
  { keys: ['L'], label: 'Live on, or freeze the range' },
  { keys: ['Z'], label: 'UTC or your zone' },
  { keys: ['Space'], label: 'Pause the live traces' },
  { keys: ['J', 'K'], label: 'Next and previous span' },
  { keys: ['E'], label: 'Next error in a trace' },
  { keys: ['?'], label: 'This list' },
] as const

const PAGES: Record<string, '/' | '/traces' | '/alerts'> = { o: '/', t: '/traces', a: '/alerts' }
const CHORD_MS = 1_000

/** Keys that work on every page; off while a field has the focus. */
export function useShortcuts({ onHelp }: { onHelp: () => void }): void {
  const navigate = useNavigate()
  const { view, window: range, setView } = useView()

  const onKey = useEffectEvent((key: string, isChord: boolean): boolean => {
    const page = PAGES[key]
    if (isChord && page !== undefined) {
      void navigate({ to: page })
      return true
    }
    if (key === '?') onHelp()
    else if (key === 'l') setView(toggledLive(view, range, serverNow()))
    else if (key === 'z') setView({ ...view, tz: view.tz === 'utc' ? undefined : 'utc' })
    else if (key === 't') openControl('range-picker')
    else if (key === 'f') openControl('add-filter')
    else return false
    return true
  })

  useEffect(() => {
    let chordAt = Number.NEGATIVE_INFINITY
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const key = event.key.toLowerCase()
      const isChord = event.timeStamp - chordAt < CHORD_MS
      chordAt = key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
      if (onKey(key, isChord)) event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}

function openControl(testId: string): void {
  document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.click()
}
