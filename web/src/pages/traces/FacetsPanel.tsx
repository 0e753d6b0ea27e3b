import { useMediaQuery } from '@mantine/hooks'
import { IconLayoutSidebar, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { Facets, type FacetsProps } from './Facets.tsx'

const CLOSED = 'sightline.facets'

export type FacetsPanelState = {
  isNarrow: boolean
  isOpen: boolean
  setOpen: (is: boolean) => void
}

/** Beside the list where there is room, and remembered; else a drawer that begins closed. */
export function useFacetsPanel(): FacetsPanelState {
  const isNarrow = useMediaQuery('(max-width: 1099px)', undefined, {
    getInitialValueInEffect: false,
  })
  const [isWideOpen, setWideOpen] = useState(() => localStorage.getItem(CLOSED) !== 'closed')
  const [isDrawerOpen, setDrawerOpen] = useState(false)
  const setOpen = (isOpen: boolean): void => {
    if (isNarrow) return setDrawerOpen(isOpen)
    setWideOpen(isOpen)
    if (isOpen) localStorage.removeItem(CLOSED)
    else localStorage.setItem(CLOSED, 'closed')
  }
  return { isNarrow, isOpen: isNarrow ? isDrawerOpen : isWideOpen, setOpen }
}

export function FacetsToggle({ panel }: { panel: FacetsPanelState }) {
  return (
    <button
      type="button"
      className="btn"
      aria-expanded={panel.isOpen}
      data-testid="facets-toggle"
      onClick={() => panel.setOpen(!panel.isOpen)}
    >
      <IconLayoutSidebar size={14} aria-hidden="true" />
      Facets
    </button>
  )
}

export function FacetsPanel({ panel, ...props }: FacetsProps & { panel: FacetsPanelState }) {
  if (!panel.isOpen) return null
  if (panel.isNarrow) return <FacetsDrawer {...props} onClose={() => panel.setOpen(false)} />
  return (
    <aside className="card facets-panel" aria-label="Facets">
      <Facets {...props} />
    </aside>
  )
}

function FacetsDrawer({ onClose, ...props }: FacetsProps & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opened = dialog.current
    opened?.showModal()
    return () => opened?.close()
  }, [])
  return (
    <dialog ref={dialog} className="facets-drawer" aria-label="Facets" onClose={onClose}>
      <div className="hd">
        <h2>Facets</h2>
        <div className="r">
          <button type="button" className="btn ghost small" aria-label="Close" onClick={onClose}>
            <IconX size={15} aria-hidden="true" />
          </button>
        </div>
      </div>
      <Facets {...props} />
    </dialog>
  )
}
