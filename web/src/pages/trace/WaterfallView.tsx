import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, type FocusEvent, type KeyboardEvent } from 'react'
import { treeKeyTarget } from './tree-keys.ts'
import type { WaterfallRow as RowData } from './visible-rows.ts'
import { TimeAxis } from './TimeAxis.tsx'
import { WaterfallRow } from './WaterfallRow.tsx'
import { percentOf, ticksOf, type Zoom } from './zoom.ts'

type WaterfallViewProps = {
  label: string
  rows: readonly RowData[]
  zoom: Zoom
  /** Row that has the one tab stop. */
  activeKey: string | null
  selectedKey: string | null
  foundKeys: ReadonlySet<string>
  /** Row to bring into sight once it is there; another value scrolls again. */
  scrollTo: { key: string } | null
  onActive: (key: string) => void
  onSelect: (key: string) => void
  onFold: (key: string) => void
  onZoom: (zoom: Zoom) => void
}

const ROW_PX = 30
/** Rows are drawn at once, before the height of the list has been measured. */
const FIRST_RECT = { width: 760, height: 720 }

export function WaterfallView(props: WaterfallViewProps) {
  const { label, rows, zoom, activeKey, selectedKey, foundKeys, scrollTo } = props
  const scroller = useRef<HTMLDivElement>(null)
  const focusNext = useRef(false)
  const indexByKey = useMemo(() => new Map(rows.map(({ key }, index) => [key, index])), [rows])
  const activeIndex = (activeKey === null ? undefined : indexByKey.get(activeKey)) ?? 0
  // A new function would have all rows measured again with every frame of scrolling.
  const getItemKey = useCallback((index: number) => rows[index]?.key ?? index, [rows])
  // oxlint-disable-next-line react/incompatible-library -- no compiler runs here that could memoize it
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey,
    overscan: 6,
    initialRect: FIRST_RECT,
    // The row with the tab stop stays in the document wherever the list is scrolled to.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range)
      if (shown.includes(activeIndex) || activeIndex >= range.count) return shown
      return [...shown, activeIndex].toSorted((a, b) => a - b)
    },
  })
  useScrollTo({ scrollTo, indexByKey, onIndex: (index) => virtual.scrollToIndex(index) })
  useEffect(() => {
    if (!focusNext.current) return
    focusNext.current = false
    virtual.scrollToIndex(activeIndex)
    scroller.current
      ?.querySelector<HTMLElement>(`[data-row="${activeKey ?? ''}"]`)
      ?.focus({ preventScroll: true })
  }, [activeKey, activeIndex, virtual])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[activeIndex]
    if (row === undefined) return
    const target = treeKeyTarget(event.key, rows, activeIndex)
    if (target === undefined) return
    event.preventDefault()
    if (target === 'fold') props.onFold(row.key)
    else if (target === 'select') props.onSelect(row.key)
    else {
      const next = rows[target]
      if (next === undefined || next.key === activeKey) return
      focusNext.current = true
      props.onActive(next.key)
    }
  }

  const onFocus = ({ target }: FocusEvent<HTMLElement>): void => {
    const key = target.dataset['row']
    if (key !== undefined && key !== activeKey) props.onActive(key)
  }

  return (
    <div className="waterfall" role="treegrid" aria-label={label} aria-rowcount={rows.length + 1}>
      <div className="cols" role="row" aria-rowindex={1}>
        <div role="columnheader">Span</div>
        <TimeAxis zoom={zoom} onZoom={props.onZoom} />
      </div>
      <div className="rows-frame" role="presentation">
        <GridLines zoom={zoom} />
        <div
          className="rows"
          ref={scroller}
          role="presentation"
          onKeyDown={onKeyDown}
          onFocus={onFocus}
        >
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index]
              return row === undefined ? null : (
                <WaterfallRow
                  key={item.key}
                  row={row}
                  index={item.index}
                  top={item.start}
                  zoom={zoom}
                  state={
                    row.key === selectedKey ? 'selected' : foundKeys.has(row.key) ? 'found' : null
                  }
                  isActive={item.index === activeIndex}
                  onSelect={props.onSelect}
                  onFold={props.onFold}
                />
              )
            })}
          </div>
        </div>
      </div>
    </div>
  )
}

type ScrollToOptions = {
  scrollTo: { key: string } | null
  indexByKey: ReadonlyMap<string, number>
  onIndex: (index: number) => void
}

/** Scrolls once per wish, when the row is there: it may still have to be loaded or unfolded. */
function useScrollTo({ scrollTo, indexByKey, onIndex }: ScrollToOptions): void {
  const done = useRef<{ key: string } | null>(null)
  useEffect(() => {
    if (scrollTo === null || done.current === scrollTo) return
    const index = indexByKey.get(scrollTo.key)
    if (index === undefined) return
    done.current = scrollTo
    onIndex(index)
  })
}

function GridLines({ zoom }: { zoom: Zoom }) {
  return (
    <div className="grid-lines" aria-hidden="true">
      <div>
        {ticksOf(zoom).map((tick) => (
          <i key={tick} style={{ left: `${percentOf(tick, zoom)}%` }} />
        ))}
      </div>
    </div>
  )
}
