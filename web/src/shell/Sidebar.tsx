import { IconActivity, IconBell, IconListTree, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { incidentsQuery } from '../api/queries.ts'
import { Logo } from '../ui/Logo.tsx'

type SidebarProps = { isOpen: boolean; onClose: () => void }

const ICON = { size: 16, stroke: 1.6, 'aria-hidden': true } as const

export function Sidebar({ isOpen, onClose }: SidebarProps) {
  const incidents = useQuery(incidentsQuery)
  const firing = (incidents.data?.items ?? []).filter((one) => one.state !== 'resolved').length
  return (
    <>
      {isOpen && (
        <button type="button" className="scrim" aria-label="Close menu" onClick={onClose} />
      )}
      <nav className={isOpen ? 'side side-open' : 'side'} aria-label="Main" onClick={onClose}>
        <div className="brand">
          <Logo />
          <span>Sightline</span>
          <button type="button" className="btn ghost side-close" aria-label="Close menu">
            <IconX {...ICON} />
          </button>
        </div>
        <div className="proj">
          <div className="av" aria-hidden="true">
            de
          </div>
          <div>
            <b>default</b>
            <span>project</span>
          </div>
        </div>
        <div className="grp">Monitor</div>
        <Link
          className="nav"
          to="/"
          activeOptions={{ exact: true, includeSearch: false }}
          aria-label="Overview"
          title="Overview"
        >
          <IconActivity {...ICON} />
          <span>Overview</span>
        </Link>
        <Link
          className="nav"
          to="/traces"
          activeOptions={{ includeSearch: false }}
          aria-label="Traces"
          title="Traces"
        >
          <IconListTree {...ICON} />
          <span>Traces</span>
        </Link>
        <div className="grp">Respond</div>
        <Link
          className="nav"
          to="/alerts"
          activeOptions={{ includeSearch: false }}
          title="Alerts"
          aria-label={firing > 0 ? `Alerts, ${firing} firing` : 'Alerts'}
        >
          <IconBell {...ICON} />
          <span>Alerts</span>
          {firing > 0 && (
            <i className="count" data-testid="firing-count">
              {firing}
            </i>
          )}
        </Link>
      </nav>
    </>
  )
}
