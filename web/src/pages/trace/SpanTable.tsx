import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { KindBadge } from './KindBadge.tsx'
import { SPAN_COLUMNS, sortedNodes, type Sort, type SpanColumn } from './span-columns.ts'
import type { TraceModel, TraceNode } from './trace-node.ts'

type SpanTableProps = {
  model: TraceModel
  selectedKey: string | null
  /** Only these spans; null = all. */
  only: ReadonlySet<string> | null
  onSelect: (spanId: string) => void
}

const ROW_PX = 31
const FIRST_RECT = { width: 760, height: 720 }

/** All spans as one flat list, sorted by any column. */
export function SpanTable({ model, selectedKey, only, onSelect }: SpanTableProps) {
  const [sort, setSort] = useState<Sort>({ id: 'start', isDescending: false })
  const [active, setActive] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)
  const focusNext = useRef(false)
  const rows = useMemo(() => {
    const shown =
      only === null ? model.nodes : model.nodes.filter(({ span }) => only.has(span.spanId))
    return sortedNodes(shown, sort)
  }, [model, only, sort])
  const activeIndex = Math.min(active, Math.max(0, rows.length - 1))
  // oxlint-disable-next-line react/incompatible-library -- no compiler runs here that could memoize it
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    initialRect: FIRST_RECT,
  })
  useEffect(() => {
    if (!focusNext.current) return
    focusNext.current = false
    scroller.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus()
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = rows.length - 1
    const to = { ArrowDown: activeIndex + 1, ArrowUp: activeIndex - 1, Home: 0, End: last }[
      event.key
    ]
    const node = rows[activeIndex]
    if (event.key === 'Enter' && node !== undefined) onSelect(node.span.spanId)
    if (to === undefined) return
    event.preventDefault()
    const next = Math.min(last, Math.max(0, to))
    focusNext.current = true
    virtual.scrollToIndex(next)
    setActive(next)
  }
  const onSort = (id: string): void =>
    setSort({ id, isDescending: sort.id === id ? !sort.isDescending : !isTextColumn(id) })
  return (
    <div
      className="span-table num"
      role="grid"
      aria-label="Spans as a table"
      aria-rowcount={rows.length + 1}
      aria-colcount={SPAN_COLUMNS.length}
      data-testid="span-table"
    >
      <div className="span-table-scroll" ref={scroller} role="presentation" onKeyDown={onKeyDown}>
        <div className="tr th" role="row" aria-rowindex={1}>
          {SPAN_COLUMNS.map((column) => (
            <Head key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const node = rows[index]
            return node === undefined ? null : (
              <div
                key={node.span.spanId}
                className={node.span.spanId === selectedKey ? 'tr row-selected' : 'tr'}
                style={{ transform: `translateY(${start}px)` }}
                role="row"
                tabIndex={index === activeIndex ? 0 : -1}
                aria-rowindex={index + 2}
                aria-selected={node.span.spanId === selectedKey}
                data-testid="table-row"
                data-span-id={node.span.spanId}
                onClick={() => {
                  setActive(index)
                  onSelect(node.span.spanId)
                }}
              >
                <Cells node={node} />
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

const ARIA_SORT = { true: 'descending', false: 'ascending' } as const

type HeadProps = { column: SpanColumn; sort: Sort; onSort: (id: string) => void }

function Head({ column: { id, label, isText }, sort, onSort }: HeadProps) {
  const isOn = sort.id === id
  return (
    <div
      role="columnheader"
      aria-sort={isOn ? ARIA_SORT[`${sort.isDescending}`] : 'none'}
      className={isText === true ? '' : 'end'}
    >
      <button type="button" onClick={() => onSort(id)}>
        {label}
        {isOn && <span aria-hidden="true">{sort.isDescending ? ' ↓' : ' ↑'}</span>}
      </button>
    </div>
  )
}

function Cells({ node }: { node: TraceNode }) {
  const isError = node.span.status === 'error'
  return SPAN_COLUMNS.map(({ id, isText, text }) => {
    const value = text(node)
    const tone = isError && (id === 'name' || id === 'status') ? 'crit' : ''
    return (
      <div
        key={id}
        role="gridcell"
        data-column={id}
        title={value}
        className={`${isText === true ? '' : 'end'} ${tone}`}
      >
        {id === 'name' && <KindBadge type={node.span.type} isError={isError} />}
        <span>{value}</span>
      </div>
    )
  })
}

function isTextColumn(id: string): boolean {
  return SPAN_COLUMNS.some((column) => column.id === id && column.isText === true)
}
