import { IconMenu2 } from '@tabler/icons-react'
import { useEffect, type ReactNode } from 'react'
import { useShell } from './shell-context.ts'
import { StatusBar, type PageStatus } from './StatusBar.tsx'
import { ViewControls } from './ViewControls.tsx'

type PageFrameProps = {
  title: string
  heading?: ReactNode
  /** Live switch, range picker and copy link; pages without a range leave them out. */
  withRange?: boolean
  /** Filter chips in the top bar; a page that shows its filters itself turns them off. */
  withFilters?: boolean
  /** What figures are compared with, for pages that compare. */
  withCompare?: boolean
  /** More at the right end of the top bar. */
  actions?: ReactNode
  status?: PageStatus
  children: ReactNode
}

export function PageFrame(props: PageFrameProps) {
  const { title, heading, withRange = false, actions, status = {}, children } = props
  const { withFilters = withRange, withCompare = false } = props
  const { openMenu } = useShell()
  useEffect(() => {
    document.title = `${title} · Sightline`
  }, [title])
  return (
    <>
      <main className="main" id="main" tabIndex={-1}>
        <div className="top">
          <button
            type="button"
            className="btn ghost menu-button"
            aria-label="Open menu"
            data-testid="open-menu"
            onClick={openMenu}
          >
            <IconMenu2 size={16} aria-hidden="true" />
          </button>
          {heading ?? <h1>{title}</h1>}
          {withRange ? (
            <ViewControls withFilters={withFilters} withCompare={withCompare} />
          ) : (
            <span className="spacer" />
          )}
          {actions}
        </div>
        {children}
      </main>
      <StatusBar {...status} withRange={withRange} withCompare={withCompare} />
    </>
  )
}
