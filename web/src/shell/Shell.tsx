import { useState } from 'react'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { useAlertFeed } from '../live/use-alert-feed.ts'
import { ShellContext } from './shell-context.ts'
import { ShortcutHelp } from './ShortcutHelp.tsx'
import { Sidebar } from './Sidebar.tsx'
import { useShortcuts } from './use-shortcuts.ts'

export function Shell() {
  const [isMenuOpen, setMenuOpen] = useState(false)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const isTrace = useRouterState({
    select: (state) => /^\/traces\/./.test(state.location.pathname),
  })
  useAlertFeed()
  useShortcuts({ onHelp: () => setHelpOpen(true) })
  return (
    <ShellContext value={{ openMenu: () => setMenuOpen(true), openHelp: () => setHelpOpen(true) }}>
      <div className={isTrace ? 'app app-rail' : 'app'}>
        <a className="skip" href="#main">
          Skip to content
        </a>
        <Sidebar isOpen={isMenuOpen} onClose={() => setMenuOpen(false)} />
        <Outlet />
      </div>
      <ShortcutHelp isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </ShellContext>
  )
}
