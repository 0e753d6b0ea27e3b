import { IconDots } from '@tabler/icons-react'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { Action, ValueActions } from '../lib/value-actions.ts'
import { useCopy } from './use-copy.ts'

type ValueMenuProps = {
  name: string
  text: string
  actions: () => ValueActions
  onFilter: (filter: string) => void
}

/** What can be done with one value; what cannot says why. */
export function ValueMenu(props: ValueMenuProps) {
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const { outcome, copy } = useCopy()
  const onClose = (): void => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <span className="value-menu">
      <button
        ref={button}
        type="button"
        className="icon-btn"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={`Actions for ${props.name}`}
        onClick={() => setOpen(!isOpen)}
      >
        <IconDots size={15} aria-hidden="true" />
      </button>
      {isOpen && <OpenMenu {...props} onCopy={copy} onClose={onClose} />}
      <span role="status" className="sr-only">
        {outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'Not copied' : ''}
      </span>
    </span>
  )
}

type OpenMenuProps = ValueMenuProps & { onCopy: (text: string) => void; onClose: () => void }

function OpenMenu({ name, text, actions, onFilter, onCopy, onClose }: OpenMenuProps) {
  const menu = useRef<HTMLDivElement>(null)
  useEffect(() => {
    menu.current?.querySelector('button')?.focus()
  }, [])
  const { include, exclude, group } = actions()
  const common = commonReason([include, exclude, group])
  const entries = [
    entryOf('Filter by this value', include, onFilter),
    entryOf('Exclude this value', exclude, onFilter),
    entryOf('Group by this field', group, onFilter),
    { label: 'Copy the value', run: () => onCopy(text), reason: null },
    { label: 'Copy the key', run: () => onCopy(name), reason: null },
  ]
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    if (event.key === 'Escape' || event.key === 'Tab') onClose()
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const items = [...(menu.current?.querySelectorAll('button') ?? [])]
    const at = items.findIndex((item) => item === document.activeElement)
    items[(at + step + items.length) % items.length]?.focus()
  }
  return (
    <div
      ref={menu}
      role="menu"
      aria-label={`Actions for ${name}`}
      className="popover value-actions"
      onKeyDown={onKeyDown}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) onClose()
      }}
    >
      {entries.map(({ label, run, reason }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          className="menu-item"
          aria-disabled={run === null}
          onClick={() => {
            if (run === null) return
            run()
            onClose()
          }}
        >
          <span>
            {label}
            {reason !== null && reason !== common && <small>{reason}</small>}
          </span>
        </button>
      ))}
      {common !== null && <small className="common-reason">Not filtered: {common}</small>}
    </div>
  )
}

type Entry = { label: string; run: (() => void) | null; reason: string | null }

/** Said once where it holds for all. */
function commonReason(actions: readonly Action[]): string | null {
  const reasons = new Set(
    actions.map((action) => (action.status === 'impossible' ? action.reason : null)),
  )
  return reasons.size === 1 ? ([...reasons][0] ?? null) : null
}

function entryOf(label: string, action: Action, onFilter: (filter: string) => void): Entry {
  return action.status === 'possible'
    ? { label, run: () => onFilter(action.filter), reason: null }
    : { label, run: null, reason: action.reason }
}
