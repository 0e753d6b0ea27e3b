import type { TraceUsual } from '@sightline/server/contract'
import { useRef, useState } from 'react'
import type { LoadedTrace } from '../../api/trace-queries.ts'
import type { Completeness } from './completeness.ts'
import { Divider } from './Divider.tsx'
import { Notice } from './Notice.tsx'
import { SpanPanel } from './SpanPanel.tsx'
import { SpanViews } from './SpanViews.tsx'
import { Toolbar } from './Toolbar.tsx'
import type { TraceModel, TraceNode } from './trace-node.ts'
import { useFind } from './use-find.ts'
import { useFolds } from './use-folds.ts'
import { useSelection } from './use-selection.ts'
import { useTraceKeys } from './use-trace-keys.ts'
import { useTraceSearch } from './use-trace-search.ts'
import { useZoom } from './use-zoom.ts'

type TraceBodyProps = {
  trace: LoadedTrace
  model: TraceModel
  usual: TraceUsual | undefined
  completeness: Completeness
}

const FIRST_SPLIT = 56
const isFailed = ({ span }: TraceNode): boolean => span.status === 'error'

export function TraceBody({ trace, model, usual, completeness }: TraceBodyProps) {
  const { search, change } = useTraceSearch()
  const [split, setSplit] = useState(FIRST_SPLIT)
  const [isPathOnly, setPathOnly] = useState(false)
  const findField = useRef<HTMLInputElement>(null)
  const find = useFind(model)
  const folds = useFolds(model, isPathOnly)
  const selection = useSelection({ model, folds, asked: search.span, change })
  const zoom = useZoom({
    raw: search.zoom,
    lengthMs: model.lengthMs,
    onRaw: (raw) => change({ zoom: raw }),
  })
  const { spanCount } = trace.totals
  const view = search.view ?? 'waterfall'
  const onPath = (): void => setPathOnly(!isPathOnly)
  const onNextError = (): void => selection.goTo(model.nodes.filter(isFailed), 1)
  useTraceKeys({
    folds,
    selection,
    onPath,
    onNextError,
    onFind: () => findField.current?.focus(),
    onEscape: () => {
      if (find.text !== '') find.onText('')
      else if (isPathOnly) setPathOnly(false)
      else if (!zoom.isWhole) zoom.onZoom(null)
    },
  })
  return (
    <div className="trace-body" style={{ gridTemplateColumns: `${split}% 1px minmax(0, 1fr)` }}>
      <section className="trace-left" aria-label="Spans of the trace">
        <Toolbar
          view={view}
          spanCount={spanCount}
          find={find.text}
          findRef={findField}
          foundCount={find.found.length}
          foundPosition={find.found.findIndex((node) => node === selection.selected) + 1}
          isPathOnly={isPathOnly}
          errorCount={model.errorCount}
          onView={(next) => change({ view: next === 'waterfall' ? undefined : next })}
          onFind={find.onText}
          onFound={(step) => selection.goTo(find.found, step)}
          onPath={onPath}
          onNextError={onNextError}
        />
        <Notice model={model} completeness={completeness} />
        <SpanViews {...{ view, model, usual, spanCount, find, folds, selection, zoom }} />
      </section>
      <Divider value={split} onChange={setSplit} />
      <div className="trace-right">
        {selection.selected !== undefined && <SpanPanel summary={selection.selected.span} />}
      </div>
    </div>
  )
}
