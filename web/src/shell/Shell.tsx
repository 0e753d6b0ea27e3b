import { Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useAlertFeed } from '../live/use-alert-feed.ts'
import { loadRangeMenu } from '../ui/RangePicker.tsx'
import { ShellContext } from './shell-context.ts'
import { Sidebar } from './Sidebar.tsx'
import { loadFilterForm } from './ViewControls.tsx'
import { useShellShortcuts } from './use-shell-shortcuts.ts'

const loadPalette = () =>
  import('./CommandPalette.tsx').then((part) => ({ default: part.CommandPalette }))
const CommandPalette = lazy(loadPalette)
const ShortcutHelp = lazy(() =>
  import('./ShortcutHelp.tsx').then((part) => ({ default: part.ShortcutHelp })),
)

type Over = 'menu' | 'help' | 'palette'

export function Shell() {
  const [over, setOver] = useState<Over | null>(null)
  const isTrace = useRouterState({
    select: (state) => /^\/traces\/./.test(state.location.pathname),
  })
  const close = (): void => setOver(null)
  const actions = {
    openMenu: () => setOver('menu'),
    openHelp: () => setOver('help'),
    openPalette: () => setOver('palette'),
  }
  useAlertFeed()
  useShellShortcuts(actions)
  useEscape(over === 'menu', close)
  useLoadedOnFirstTouch()
  return (
    <ShellContext value={actions}>
      <div className={isTrace ? 'app app-rail' : 'app'}>
        <a className="skip" href="#main">
          Skip to content
        </a>
        <Sidebar isOpen={over === 'menu'} onClose={close} />
        <div inert={over === 'menu'}>
          <Outlet />
        </div>
      </div>
      <Suspense>
        {over === 'help' && <ShortcutHelp isOpen onClose={close} />}
        {over === 'palette' && <CommandPalette onClose={close} />}
      </Suspense>
    </ShellContext>
  )
}

/** Whoever moves or presses something is about to open one of these; the page itself goes before. */
function useLoadedOnFirstTouch(): void {
  useEffect(() => {
    const load = (): void => {
      void Promise.allSettled([loadRangeMenu(), loadPalette(), loadFilterForm()])
      stop()
    }
    const stop = (): void => {
      for (const event of ['pointermove', 'keydown']) document.removeEventListener(event, load)
    }
    for (const event of ['pointermove', 'keydown']) document.addEventListener(event, load)
    return stop
  }, [])
}

function useEscape(enabled: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!enabled) return undefined
    const listen = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onEscape()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [enabled, onEscape])
}
