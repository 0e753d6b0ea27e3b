import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
import { useShellKeys } from '../lib/page-keys.ts'
import type { ShellActions } from './shell-context.ts'
import { useCopyLink } from './use-copy-link.ts'
import { useSearchTraces } from './use-search-traces.ts'
import { useViewActions } from './use-view-actions.ts'

/** Keys of every page, and the palette's, which works in fields too. */
export function useShellShortcuts({ openHelp, openPalette }: ShellActions): void {
  const navigate = useNavigate()
  const { toggleUtc } = useViewActions()
  const copyLink = useCopyLink()
  const searchTraces = useSearchTraces()
  useShellKeys('Everywhere', [
    { keys: 'G O', label: 'Go to Overview', run: () => void navigate({ to: '/' }) },
    { keys: 'G T', label: 'Go to Traces', run: () => void navigate({ to: '/traces' }) },
    { keys: 'G A', label: 'Go to Alerts', run: () => void navigate({ to: '/alerts' }) },
    { keys: 'G I', label: 'Go to Ingest health', run: () => void navigate({ to: '/ingest' }) },
    { keys: 'G S', label: 'Go to Connect', run: () => void navigate({ to: '/start' }) },
    { keys: '/', label: 'Search', run: searchTraces },
    { keys: 'Z', label: 'UTC, or your zone', run: toggleUtc },
    // Without clipboard rights the address bar still has the link.
    { keys: 'Y', label: 'Copy a link', run: () => void copyLink('as-is').catch(() => undefined) },
    { keys: '?', label: 'This list', run: openHelp },
  ])
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== 'k' || event.altKey || event.shiftKey) return
    if (event.ctrlKey === event.metaKey) return
    event.preventDefault()
    openPalette()
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKeyDown(event)
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}
