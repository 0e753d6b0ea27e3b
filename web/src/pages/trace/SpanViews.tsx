import type { TraceUsual } from '@sightline/server/contract'
import { countText } from '../../lib/format.ts'
import { Conversation } from './Conversation.tsx'
import { Legend } from './Legend.tsx'
import { Minimap } from './Minimap.tsx'
import { SpanTable } from './SpanTable.tsx'
import { TimeBudget } from './TimeBudget.tsx'
import type { TraceView } from './Toolbar.tsx'
import type { TraceModel } from './trace-node.ts'
import type { Find } from './use-find.ts'
import type { FoldedTree } from './use-folds.ts'
import type { Selection } from './use-selection.ts'
import type { ZoomState } from './use-zoom.ts'
import { WaterfallView } from './WaterfallView.tsx'

type SpanViewsProps = {
  view: TraceView
  model: TraceModel
  usual: TraceUsual | undefined
  spanCount: number
  find: Find
  folds: FoldedTree
  selection: Selection
  zoom: ZoomState
}

/** The spans in one of the three ways to look at them. */
export function SpanViews(props: SpanViewsProps) {
  const { view, model, find, selection } = props
  const selectedKey = selection.selected?.span.spanId ?? null
  switch (view) {
    case 'waterfall':
      return <Waterfall {...props} />
    case 'conversation':
      return <Conversation model={model} selectedKey={selectedKey} onSelect={selection.onSelect} />
    case 'table':
      return (
        <SpanTable
          model={model}
          selectedKey={selectedKey}
          only={find.text === '' ? null : find.foundKeys}
          onSelect={selection.onSelect}
        />
      )
  }
}

function Waterfall({ model, usual, spanCount, find, folds, selection, zoom }: SpanViewsProps) {
  return (
    <>
      <Minimap model={model} zoom={zoom.shown} isWhole={zoom.isWhole} onZoom={zoom.onZoom} />
      {folds.foldedBelow !== null && (
        <div className="trace-notice">
          {countText(spanCount)} spans, folded below level {folds.foldedBelow}
          <button type="button" className="link" onClick={folds.onUnfoldAll}>
            Unfold all
          </button>
        </div>
      )}
      <WaterfallView
        label="Spans"
        rows={folds.rows}
        zoom={zoom.shown}
        activeKey={selection.activeKey}
        selectedKey={selection.selected?.span.spanId ?? null}
        foundKeys={find.foundKeys}
        scrollTo={selection.scrollTo}
        onActive={selection.onActive}
        onSelect={selection.onSelect}
        onFold={folds.onFold}
        onZoom={zoom.onZoom}
      />
      {usual !== undefined && <TimeBudget usual={usual} />}
      <Legend model={model} />
    </>
  )
}
