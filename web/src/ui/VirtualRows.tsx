import type { MouseEvent, ReactNode } from 'react'
import type { VirtualBody, VirtualColumn, VirtualTableProps } from './virtual-column.ts'

type HeadProps<Row> = {
  columns: readonly VirtualColumn<Row>[]
  gridId: string
  headAt: number | null
}

export function VirtualHead<Row>({ columns, gridId, headAt }: HeadProps<Row>) {
  return (
    <div role="rowgroup" className="vt-head">
      <div role="row" aria-rowindex={1} className="vt-row">
        {columns.map(({ id, header, align, sort }, index) => (
          <div
            key={id}
            id={gridId + id}
            role="columnheader"
            className={cellClass(align)}
            aria-sort={sort?.direction}
            data-active={headAt === index}
            data-column={id}
          >
            {sort === undefined ? header : <SortButton sort={sort}>{header}</SortButton>}
          </div>
        ))}
      </div>
    </div>
  )
}

type Sort = NonNullable<VirtualColumn<unknown>['sort']>

/** No tab stop of its own: the grid's arrow keys reach it, and Enter presses it. */
function SortButton({ sort, children }: { sort: Sort; children: ReactNode }) {
  return (
    <button type="button" tabIndex={-1} className="vt-sort" onClick={sort.onSort}>
      {children}
      {sort.direction !== 'none' && (
        <svg width="9" height="8" viewBox="0 0 9 8" aria-hidden="true">
          <path
            d={sort.direction === 'ascending' ? 'M4.5 .5 8.5 7.5H.5z' : 'M4.5 7.5.5.5h8z'}
            fill="currentColor"
          />
        </svg>
      )}
    </button>
  )
}

type RowsProps<Row> = VirtualTableProps<Row> & {
  body: VirtualBody
  offset: number
  gridId: string
  isHeadActive: boolean
}

export function VirtualRows<Row>(props: RowsProps<Row>) {
  const { rows, body, offset, gridId, keyOf, columns, card, marked } = props
  const isClick = (event: MouseEvent): boolean => {
    const isOnControl =
      event.target instanceof Element && event.target.closest('a, button') !== null
    // Selecting text in a row must not open it.
    return !isOnControl && getSelection()?.isCollapsed !== false
  }
  return (
    <div role="rowgroup" className="vt-body" style={{ height: body.getTotalSize() }}>
      {body.getVirtualItems().map(({ index, start, size }) => {
        const row = rows[index]
        if (row === undefined) return null
        const key = keyOf(row)
        const { className = '', ...attributes } = props.rowProps(row)
        return (
          <div
            key={key}
            id={gridId + key}
            role="row"
            aria-rowindex={index + 2}
            aria-selected={marked.includes(key)}
            className={`vt-row ${className}`}
            data-active={key === props.activeKey && !props.isHeadActive}
            data-testid="trace-row"
            {...attributes}
            style={{ height: size, transform: `translateY(${start - offset}px)` }}
            onClick={(event) => {
              if (!isClick(event)) return
              props.onActive(key)
              props.onOpen(row)
            }}
          >
            {card === undefined ? (
              columns.map(({ id, align, cell }) => (
                <div key={id} role="gridcell" className={cellClass(align)} data-column={id}>
                  {cell(row)}
                </div>
              ))
            ) : (
              <div role="gridcell" aria-colspan={columns.length} className="vt-card">
                {card(row)}
              </div>
            )}
          </div>
        )
      })}
    </div>
  )
}

function cellClass(align: 'end' | undefined): string {
  return align === 'end' ? 'vt-cell vt-end num' : 'vt-cell'
}
