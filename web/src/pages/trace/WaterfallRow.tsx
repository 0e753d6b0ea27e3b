import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { memo } from 'react'
import { durationText } from '../../lib/format.ts'
import { Bar } from './Bar.tsx'
import { KindBadge } from './KindBadge.tsx'
import { detailOf, noteOf, noteTitle, skewText } from './row-text.ts'
import type { TraceNode } from './trace-node.ts'
import type { WaterfallRow as RowData } from './visible-rows.ts'
import type { Zoom } from './zoom.ts'

export type RowState = 'selected' | 'found' | null
type RowProps = {
  row: RowData
  index: number
  top: number
  zoom: Zoom
  state: RowState
  isActive: boolean
  onSelect: (key: string) => void
  onFold: (key: string) => void
}

const INDENT_PX = 18
const MAX_INDENTS = 12

/** One span, or the head of those that hang on nothing. */
export const WaterfallRow = memo(function WaterfallRow(props: RowProps) {
  const { row, index, top, zoom, state, isActive, onSelect, onFold } = props
  const node = row.kind === 'span' ? row.node : null
  return (
    <div
      className={`row${state === null ? '' : ` row-${state}`}`}
      style={{ transform: `translateY(${top}px)` }}
      role="row"
      tabIndex={isActive ? 0 : -1}
      aria-rowindex={index + 2}
      aria-selected={state === 'selected'}
      {...treePlaceOf(row)}
      onClick={() => onSelect(row.key)}
      data-row={row.key}
    >
      <div className="nm" role="gridcell" style={{ paddingLeft: indentOf(node) }}>
        <FoldMark row={row} onFold={() => onFold(row.key)} />
        {node === null ? <GroupName row={row} /> : <SpanName node={node} />}
      </div>
      {node === null ? (
        <div className="lane" role="gridcell" />
      ) : (
        <div className="lane" role="gridcell" aria-label={laneLabel(node)}>
          <Bar node={node} zoom={zoom} />
        </div>
      )}
    </div>
  )
})

function treePlaceOf(row: RowData) {
  if (row.kind === 'group') {
    return {
      'aria-level': 1,
      'aria-posinset': 1,
      'aria-setsize': 1,
      'aria-expanded': !row.isFolded,
      'data-testid': 'group-row',
    }
  }
  const { depth, position, siblings, children, span } = row.node
  return {
    'aria-level': depth + 1,
    'aria-posinset': position,
    'aria-setsize': siblings,
    'aria-expanded': children.length > 0 ? !row.isFolded : undefined,
    'data-testid': 'span-row',
    'data-span-id': span.spanId,
    'data-depth': depth,
  }
}

function indentOf(node: TraceNode | null): number {
  return 8 + Math.min(node?.depth ?? 0, MAX_INDENTS) * INDENT_PX
}

function SpanName({ node }: { node: TraceNode }) {
  const { span } = node
  const isError = span.status === 'error'
  const detail = detailOf(node)
  return (
    <>
      <KindBadge type={span.type} isError={isError} />
      <span className={isError ? 'name crit' : 'name'} title={span.name}>
        {span.name}
      </span>
      {node.skewMs > 0 && node.skewMs !== node.parent?.skewMs && (
        <span
          className="x warn"
          title="It began before its parent: the two were timed by clocks that differ."
        >
          {skewText(node.skewMs)}
        </span>
      )}
      <span className="x" title={detail}>
        {detail}
      </span>
      <span className={isError ? 'm num crit' : 'm num'} title={noteTitle(node)}>
        {noteOf(node)}
      </span>
    </>
  )
}

function GroupName({ row }: { row: RowData }) {
  const count = row.kind === 'group' ? row.count : 0
  return (
    <>
      <span className="name t2">unattached</span>
      <span className="x">
        {count} span{count === 1 ? '' : 's'} whose parent was not received
      </span>
    </>
  )
}

type FoldMarkProps = { row: RowData; onFold: () => void }

/** For the mouse; the row itself folds with the arrow keys and says its state. */
function FoldMark({ row, onFold }: FoldMarkProps) {
  if (row.kind === 'span' && row.node.children.length === 0) return <span className="fold" />
  return (
    <span
      className="fold"
      data-testid="fold"
      onClick={(event) => {
        event.stopPropagation()
        onFold()
      }}
    >
      {row.isFolded ? (
        <IconChevronRight size={14} aria-hidden="true" />
      ) : (
        <IconChevronDown size={14} aria-hidden="true" />
      )}
    </span>
  )
}

function laneLabel({ span, durationMs, startMs }: TraceNode): string {
  const length = span.durationMs === null ? 'no duration' : durationText(durationMs)
  return `${length}, from ${durationText(startMs)}`
}
