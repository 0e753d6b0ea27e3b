import { useImperativeHandle, useRef, useState, type KeyboardEvent, type RefObject } from 'react'
import type { VirtualBody, VirtualTableProps } from './virtual-column.ts'

type Keys = Record<string, () => void>

const PAGE_ROWS = 15

/** Arrow keys of the grid: through its rows and, above the first, through its sortable headings. */
export function useGridKeys<Row>(
  { rows, columns, keyOf, activeKey, onActive, handle }: VirtualTableProps<Row>,
  body: VirtualBody,
): {
  ref: RefObject<HTMLDivElement | null>
  headAt: number | null
  onKeyDown: (event: KeyboardEvent) => void
} {
  const ref = useRef<HTMLDivElement>(null)
  const [headAt, setHeadAt] = useState<number | null>(null)
  useImperativeHandle(handle, () => ({
    focus: () => {
      setHeadAt(null)
      ref.current?.focus({ preventScroll: true })
    },
    scrollTo: (index) => body.scrollToIndex(index, { align: 'auto' }),
  }))
  const active = rows.findIndex((row) => keyOf(row) === activeKey)

  const moveTo = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (row === undefined) return
    setHeadAt(null)
    onActive(keyOf(row))
    body.scrollToIndex(rows.indexOf(row), { align: 'auto' })
  }
  const moveHead = (step: number): void => {
    const next = (headAt ?? -step) + step
    setHeadAt(Math.max(0, Math.min(columns.length - 1, next)))
  }

  const rowKeys: Keys = {
    ArrowDown: () => moveTo(active + 1),
    ArrowUp: () => (active <= 0 ? moveHead(0) : moveTo(active - 1)),
    PageDown: () => moveTo(active + PAGE_ROWS),
    PageUp: () => moveTo(active - PAGE_ROWS),
    Home: () => moveTo(0),
    End: () => moveTo(rows.length - 1),
  }
  const leaveHead = (): void => (active < 0 ? moveTo(0) : setHeadAt(null))
  const press = (): void => columns[headAt ?? 0]?.sort?.onSort()
  const headKeys: Keys = {
    ArrowDown: leaveHead,
    Escape: leaveHead,
    ArrowRight: () => moveHead(1),
    ArrowLeft: () => moveHead(-1),
    Enter: press,
    ' ': press,
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== ref.current || event.metaKey || event.ctrlKey || event.altKey) return
    const run = (headAt === null ? rowKeys : headKeys)[event.key]
    if (run === undefined) return
    event.preventDefault()
    run()
  }
  return { ref, headAt, onKeyDown }
}
