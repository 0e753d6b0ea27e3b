import { useRef, type KeyboardEvent } from 'react'
import type { SpanTab } from '../../../lib/page-search.ts'

export type PanelTab = { id: SpanTab; label: string; count: string }

type PanelTabsProps = {
  tabs: readonly PanelTab[]
  chosen: SpanTab
  onChoose: (tab: SpanTab) => void
}

export const tabId = (tab: SpanTab): string => `span-tab-${tab}`
export const TAB_PANEL_ID = 'span-tab-panel'

/** One tab stop; arrows, Home and End choose. */
export function PanelTabs({ tabs, chosen, onChoose }: PanelTabsProps) {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === chosen)
    const next = tabs[targetOf(event.key, at, tabs.length)]
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    onChoose(next.id)
    list.current?.querySelector<HTMLElement>(`#${tabId(next.id)}`)?.focus()
  }
  return (
    <div
      className="span-tabs"
      role="tablist"
      aria-label="Span details"
      ref={list}
      onKeyDown={onKeyDown}
    >
      {tabs.map(({ id, label, count }) => (
        <button
          key={id}
          id={tabId(id)}
          type="button"
          role="tab"
          aria-selected={chosen === id}
          aria-controls={TAB_PANEL_ID}
          tabIndex={chosen === id ? 0 : -1}
          className={chosen === id ? 'span-tab on' : 'span-tab'}
          onClick={() => onChoose(id)}
        >
          {label}
          {count !== '' && <i className="num">{count}</i>}
        </button>
      ))}
    </div>
  )
}

function targetOf(key: string, at: number, count: number): number {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count
    case 'ArrowLeft':
      return (at - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return -1
  }
}
