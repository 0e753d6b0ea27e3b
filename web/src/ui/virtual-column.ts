import type { Virtualizer } from '@tanstack/react-virtual'
import type { ReactNode, Ref } from 'react'

export type VirtualColumn<Row> = {
  id: string
  header: ReactNode
  /** Narrowest width in px, and the share of what is left over. */
  min: number
  grow?: number
  align?: 'end'
  sort?: { direction: 'ascending' | 'descending' | 'none'; onSort: () => void }
  cell: (row: Row) => ReactNode
}

export type VirtualTableProps<Row> = {
  label: string
  testId: string
  rows: readonly Row[]
  /** Rows there are in all; undefined while that is not known. */
  total: number | undefined
  columns: readonly VirtualColumn<Row>[]
  keyOf: (row: Row) => string
  rowHeight: number
  /** Drawn in place of the cells where the table is too narrow for columns. */
  card?: ((row: Row) => ReactNode) | undefined
  activeKey: string | null
  marked: readonly string[]
  onActive: (key: string) => void
  onOpen: (row: Row) => void
  rowProps: (row: Row) => { className?: string; 'data-trace-id'?: string }
  /** The last rows are near: time to load more. */
  onNearEnd: () => void
  scrollTop: number
  /** A new value scrolls to `scrollTop`. */
  scrollKey: number
  onScroll: (scrollTop: number) => void
  /** Scrolls with the page instead of by itself. */
  withPage?: boolean
  handle: Ref<VirtualTableHandle>
  /** Under the last row, and scrolled with the rows. */
  footer?: ReactNode
}

export type VirtualTableHandle = { focus: () => void; scrollTo: (index: number) => void }
export type VirtualBody = Virtualizer<Window, Element> | Virtualizer<HTMLDivElement, Element>
