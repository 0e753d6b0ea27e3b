import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { countText } from '../../../lib/format.ts'
import { indexLines, rowText } from './line-index.ts'

const ROW_PX = 18
/** Advance of the 12 px monospace face. */
const CHAR_PX = 7.2
const GUTTER_PX = 74
const MAX_ROWS_SHOWN = 32
const MAX_CHARS = 4_000_000

type LineViewerProps = { text: string; label: string; isTall?: boolean }

/** A text of any length as virtual rows, each one text node. */
export function LineViewer({ text, label, isTall = false }: LineViewerProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const columns = useColumns(scroller)
  const shown = text.length > MAX_CHARS ? text.slice(0, MAX_CHARS) : text
  const index = useMemo(() => indexLines(shown, columns), [shown, columns])
  // oxlint-disable-next-line react/incompatible-library -- no compiler runs here that could memoize it
  const virtual = useVirtualizer({
    count: index.rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  const height = isTall ? '62vh' : Math.min(index.rows, MAX_ROWS_SHOWN) * ROW_PX + 2
  return (
    <>
      <div
        ref={scroller}
        className="lines"
        style={{ height }}
        tabIndex={0}
        role="region"
        aria-label={label}
        data-testid="line-viewer"
      >
        <div className="lines-all" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.key} className="line" style={{ top: item.start }}>
              <i className="num" aria-hidden="true">
                {index.lines[item.index] === 0 ? '' : index.lines[item.index]}
              </i>
              <span dir="auto">{rowText(shown, index, item.index)}</span>
            </div>
          ))}
        </div>
      </div>
      {shown.length < text.length && (
        <span className="t3">
          The first {countText(shown.length)} of {countText(text.length)} characters are shown; the
          copy and the file hold all.
        </span>
      )}
    </>
  )
}

function useColumns(scroller: React.RefObject<HTMLDivElement | null>): number {
  const [columns, setColumns] = useState(80)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => {
      setColumns(Math.max(16, Math.floor((element.clientWidth - GUTTER_PX) / CHAR_PX)))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])
  return columns
}
