import {
  defaultRangeExtractor,
  useVirtualizer,
  useWindowVirtualizer,
} from '@tanstack/react-virtual'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import type { VirtualBody, VirtualTableProps } from './virtual-column.ts'
import { VirtualHead, VirtualRows } from './VirtualRows.tsx'
import { useGridKeys } from './use-grid-keys.ts'

const OVERSCAN = 10
const NEAR_END = 30
const HEAD_HEIGHT = 29

/** A grid of any length with one tab stop: only the rows in view are in the document. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  return props.withPage === true ? <PageTable {...props} /> : <OwnTable {...props} />
}

function OwnTable<Row>(props: VirtualTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- no compiler runs here that could memoize it
  const body = useVirtualizer<HTMLDivElement, Element>({
    ...useBodyOptions(props),
    getScrollElement: () => scroller.current,
    // The headings stand above the first row, and over the rows that were scrolled.
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
    initialOffset: props.scrollTop,
  })
  return (
    <div
      ref={scroller}
      className="vt-scroll"
      onScroll={(event) => props.onScroll(event.currentTarget.scrollTop)}
    >
      <Grid {...props} body={body} offset={HEAD_HEIGHT} />
      {props.footer}
    </div>
  )
}

function PageTable<Row>(props: VirtualTableProps<Row>) {
  const place = useRef<HTMLDivElement>(null)
  const [offset, setOffset] = useState(0)
  // oxlint-disable-next-line react/incompatible-library -- no compiler runs here that could memoize it
  const body = useWindowVirtualizer<Element>({
    ...useBodyOptions(props),
    scrollMargin: offset,
    // What sticks to the top of the page lies over its first rows.
    scrollPaddingStart: 110,
    scrollPaddingEnd: 40,
  })
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const measure = (): void =>
      setOffset(Math.round(element.getBoundingClientRect().top + window.scrollY))
    measure()
    // What stands above may grow, and this part moves down with it.
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={place}>
      <Grid {...props} body={body} offset={offset} />
      {props.footer}
    </div>
  )
}

function useBodyOptions<Row>({ rows, rowHeight, keyOf, activeKey }: VirtualTableProps<Row>) {
  const active = rows.findIndex((row) => keyOf(row) === activeKey)
  return {
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    getItemKey: (index: number) => {
      const row = rows[index]
      return row === undefined ? index : keyOf(row)
    },
    // The active row is named by the grid, so it must exist even out of view.
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const shown = defaultRangeExtractor(range)
      if (active < 0 || shown.includes(active)) return shown
      return [...shown, active].toSorted((a, b) => a - b)
    },
  }
}

type GridProps<Row> = VirtualTableProps<Row> & { body: VirtualBody; offset: number }

function Grid<Row>(props: GridProps<Row>) {
  const { rows, columns, body, rowHeight, total, onNearEnd, scrollKey, scrollTop, card } = props
  const gridId = useId()
  const { ref, headAt, onKeyDown } = useGridKeys(props, body)
  const last = body.getVirtualItems().at(-1)?.index ?? -1
  const isNearEnd = rows.length > 0 && last >= rows.length - NEAR_END
  useEffect(() => {
    if (isNearEnd) onNearEnd()
  }, [isNearEnd, rows.length, onNearEnd])
  useEffect(() => body.measure(), [body, rowHeight])
  const shownKey = useRef(scrollKey)
  useEffect(() => {
    if (shownKey.current === scrollKey) return
    shownKey.current = scrollKey
    body.scrollToOffset(scrollTop)
  }, [body, scrollKey, scrollTop])
  const activeId = headAt === null ? props.activeKey : (columns[headAt]?.id ?? null)
  const isActiveShown = headAt !== null || rows.some((row) => props.keyOf(row) === activeId)
  return (
    <div
      ref={ref}
      role="grid"
      tabIndex={0}
      className={card === undefined ? 'vt' : 'vt vt-cards'}
      aria-label={props.label}
      aria-rowcount={total === undefined ? -1 : total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={
        activeId !== null && isActiveShown ? `${gridId}${activeId}` : undefined
      }
      aria-multiselectable="true"
      data-testid={props.testId}
      style={{
        '--cols': columns.map(({ min, grow = 0 }) => track(min, grow)).join(' '),
        '--min': `${columns.reduce((sum, { min }) => sum + min, 28)}px`,
      }}
      onKeyDown={onKeyDown}
    >
      <VirtualHead columns={columns} gridId={gridId} headAt={headAt} />
      <VirtualRows {...props} gridId={gridId} isHeadActive={headAt !== null} />
    </div>
  )
}

function track(min: number, grow: number): string {
  return grow === 0 ? `${min}px` : `minmax(${min}px, ${grow}fr)`
}
