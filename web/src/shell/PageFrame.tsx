import { IconMenu2 } from '@tabler/icons-react'
import { useEffect, type ReactNode } from 'react'
import { useShell } from './shell-context.ts'
import { StatusBar, type PageStatus } from './StatusBar.tsx'
import { ViewControls } from './ViewControls.tsx'
import { ThemeToggle } from '../ui/ThemeToggle.tsx'

type PageFrameProps = {
  title: string
  heading?: ReactNode
  /** Filter chips, live switch and range picker; pages without a range leave them out. */
  withRange?: boolean
  status?: PageStatus
  children: ReactNode
}

export function PageFrame({
  title,
  heading,
  withRange = false,
  status = {},
  children,
}: PageFrameProps) {
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
            onClick={openMenu}
          >
            <IconMenu2 size={16} aria-hidden="true" />
          </button>
          {heading ?? <h1>{title}</h1>}
          {withRange ? <ViewControls /> : <span className="spacer" />}
          <ThemeToggle />
        </div>
        {children}
      </main>
      <StatusBar {...status} />
    </>
  )
}
