import {
  IconActivity,
  IconBell,
  IconDatabaseImport,
  IconKeyboard,
  IconListTree,
  IconPlugConnected,
  IconSearch,
  IconX,
  type Icon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, type ReactNode } from 'react'
import { incidentsQuery } from '../api/queries.ts'
import { Logo } from '../ui/Logo.tsx'
import { PaletteKey } from '../ui/PaletteKey.tsx'
import { ThemeToggle } from '../ui/ThemeToggle.tsx'
import { useShell } from './shell-context.ts'
import { SpendToday } from './SpendToday.tsx'

type SidebarProps = { isOpen: boolean; onClose: () => void }

const ICON = { size: 16, stroke: 1.6, 'aria-hidden': true } as const
const PROJECT = 'default'

export function Sidebar({ isOpen, onClose }: SidebarProps) {
  const { openPalette, openHelp } = useShell()
  const incidents = useQuery(incidentsQuery)
  const firing = (incidents.data?.items ?? []).filter((one) => one.state !== 'resolved').length
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (isOpen) close.current?.focus()
  }, [isOpen])
  return (
    <>
      {isOpen && (
        <button type="button" className="scrim" aria-label="Close menu" onClick={onClose} />
      )}
      <nav className={isOpen ? 'side side-open' : 'side'} aria-label="Main">
        <div className="brand">
          <Logo />
          <span>Sightline</span>
          <button
            type="button"
            ref={close}
            className="btn ghost side-close"
            aria-label="Close menu"
            onClick={onClose}
          >
            <IconX {...ICON} />
          </button>
        </div>
        <div className="proj">
          <div className="av" aria-hidden="true">
            {PROJECT.slice(0, 2)}
          </div>
          <div>
            <b>{PROJECT}</b>
            <span>project</span>
          </div>
        </div>
        <button
          type="button"
          className="jump"
          data-testid="open-palette"
          aria-keyshortcuts="Control+K Meta+K"
          title="Search or jump"
          onClick={openPalette}
        >
          <IconSearch {...ICON} />
          <span>Search or jump</span>
          <PaletteKey />
        </button>
        <div className="grp">Monitor</div>
        <Item to="/" name="Overview" icon={IconActivity} onClose={onClose} isExact />
        <Item to="/traces" name="Traces" icon={IconListTree} onClose={onClose} />
        <div className="grp">Respond</div>
        <Item
          to="/alerts"
          name="Alerts"
          label={firing > 0 ? `Alerts, ${firing} firing` : 'Alerts'}
          icon={IconBell}
          onClose={onClose}
        >
          {firing > 0 && (
            <i className="count" data-testid="firing-count">
              {firing}
            </i>
          )}
        </Item>
        <Item to="/ingest" name="Ingest health" icon={IconDatabaseImport} onClose={onClose} />
        <div className="grp">Set up</div>
        <Item to="/start" name="Connect" icon={IconPlugConnected} onClose={onClose} />
        <span className="spacer" />
        <SpendToday />
        <div className="side-end">
          <ThemeToggle />
          <button
            type="button"
            className="btn ghost"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            data-testid="open-help"
            onClick={openHelp}
          >
            <IconKeyboard {...ICON} />
          </button>
        </div>
      </nav>
    </>
  )
}

type ItemProps = {
  to: '/' | '/traces' | '/alerts' | '/ingest' | '/start'
  name: string
  label?: string
  icon: Icon
  isExact?: boolean
  onClose: () => void
  children?: ReactNode
}

function Item(props: ItemProps) {
  const { to, name, label = name, icon: Symbol, isExact = false, onClose, children } = props
  return (
    <Link
      className="nav"
      to={to}
      activeOptions={{ exact: isExact, includeSearch: false }}
      aria-label={label}
      title={name}
      onClick={onClose}
    >
      <Symbol {...ICON} />
      <span>{name}</span>
      {children}
    </Link>
  )
}
