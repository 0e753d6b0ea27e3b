import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { axisText, durationText, moneyText } from '../../lib/format.ts'
import { KindBadge } from './KindBadge.tsx'
import { kindOf } from './span-kind.ts'
import { barOf, traceTicks, type Waterfall, type WaterfallRow } from './waterfall.ts'

type WaterfallViewProps = {
  waterfall: Waterfall
  selectedId: string | null
  onSelect: (spanId: string) => void
  onFold: (spanId: string) => void
}

const ROW_PX = 30

export function WaterfallView({ waterfall, selectedId, onSelect, onFold }: WaterfallViewProps) {
  const { rows, start, end } = waterfall
  const scroller = useRef<HTMLDivElement>(null)
  const lengthMs = Math.max(end - start, 0.001)
  const ticks = traceTicks(lengthMs)
  // oxlint-disable-next-line react/incompatible-library -- no compiler runs here that could memoize it
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.span.spanId ?? index,
    overscan: 20,
  })
  const selectedIndex = rows.findIndex(({ span }) => span.spanId === selectedId)
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: 'auto' })
  }, [selectedIndex, virtual])

  return (
    <div className="waterfall" role="treegrid" aria-label="Spans" aria-rowcount={rows.length}>
      <div className="cols" role="row">
        <div role="columnheader">Span</div>
        <div className="axis" role="columnheader" aria-label="Time">
          {ticks.map((tick) => (
            <span key={tick} className="ax" style={{ left: `${(tick / lengthMs) * 100}%` }}>
              {axisText(tick, 'ms', ticks[1] ?? lengthMs)}
            </span>
          ))}
        </div>
      </div>
      <div className="rows" ref={scroller}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]
            return row === undefined ? null : (
              <Row
                key={item.key}
                row={row}
                index={item.index}
                top={item.start}
                start={start}
                lengthMs={lengthMs}
                ticks={ticks}
                isSelected={row.span.spanId === selectedId}
                onSelect={onSelect}
                onFold={onFold}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

type RowProps = {
  row: WaterfallRow
  index: number
  top: number
  start: number
  lengthMs: number
  ticks: readonly number[]
  isSelected: boolean
  onSelect: (spanId: string) => void
  onFold: (spanId: string) => void
}

function Row({ row, index, top, start, lengthMs, ticks, isSelected, onSelect, onFold }: RowProps) {
  const { span, depth, hasChildren, isFolded, isOrphan } = row
  const isError = span.status === 'error'
  return (
    <div
      className={isSelected ? 'row row-selected' : 'row'}
      style={{ top }}
      role="row"
      aria-level={depth + 1}
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      aria-expanded={hasChildren ? !isFolded : undefined}
      onClick={() => onSelect(span.spanId)}
      data-testid="span-row"
      data-span-id={span.spanId}
      data-depth={depth}
    >
      <div className="nm" role="gridcell" style={{ paddingLeft: 6 + Math.min(depth, 12) * 16 }}>
        {hasChildren ? (
          <button
            type="button"
            className="fold"
            aria-label={isFolded ? `Unfold ${span.name}` : `Fold ${span.name}`}
            onClick={(event) => {
              event.stopPropagation()
              onFold(span.spanId)
            }}
          >
            {isFolded ? (
              <IconChevronRight size={14} aria-hidden="true" />
            ) : (
              <IconChevronDown size={14} aria-hidden="true" />
            )}
          </button>
        ) : (
          <span className="fold" />
        )}
        <KindBadge type={span.type} isError={isError} />
        <button type="button" className={isError ? 'name crit' : 'name'} title={span.name}>
          {span.name}
        </button>
        <span className="x">
          {isOrphan ? 'parent missing' : (span.model ?? span.toolName ?? '')}
        </span>
        <span className={isError ? 'm num crit' : 'm num'}>{noteOf(row)}</span>
      </div>
      <div
        className="lane"
        role="gridcell"
        aria-label={span.durationMs === null ? 'no duration' : durationText(span.durationMs)}
      >
        {ticks.map((tick) => (
          <i key={tick} className="tick" style={{ left: `${(tick / lengthMs) * 100}%` }} />
        ))}
        <Bar row={row} start={start} lengthMs={lengthMs} />
      </div>
    </div>
  )
}

/** The bar; the wait for the first token is its hollow part. */
function Bar({ row, start, lengthMs }: { row: WaterfallRow; start: number; lengthMs: number }) {
  const { span, hasChildren } = row
  const { left, width, waitShare, durationMs } = barOf(span, start, lengthMs)
  const isError = span.status === 'error'
  const color = isError ? 'var(--crit)' : kindOf(span.type).color
  const isContainer = hasChildren && span.type !== 'llm' && !isError
  const isLabelLeft = left + width > 82 && left > 18
  const style = {
    left: `${left}%`,
    width: `max(2px, ${width}%)`,
    background: color,
    borderColor: color,
  }
  return (
    <>
      <span
        className={waitShare > 0 ? 'bar bar-split' : 'bar'}
        style={{ ...style, opacity: isContainer ? 0.35 : 1 }}
      >
        {waitShare > 0 && <i style={{ width: `${waitShare}%` }} />}
      </span>
      <span
        className={isError ? 'bar-label num crit' : 'bar-label num'}
        style={
          isLabelLeft
            ? { right: `calc(${100 - left}% + 6px)` }
            : { left: `calc(${left + width}% + 6px)` }
        }
      >
        {durationText(durationMs)}
      </span>
    </>
  )
}

function noteOf({ span }: WaterfallRow): string {
  if (span.status === 'error')
    return span.error?.type ?? span.error?.statusCode?.toString() ?? 'error'
  if (span.cost.totalUsd !== null && span.countsTokens) return moneyText(span.cost.totalUsd)
  return ''
}
