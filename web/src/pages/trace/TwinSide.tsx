import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { durationText } from '../../lib/format.ts'
import { traceDurationMs } from './trace-facts.ts'
import type { TraceModel } from './trace-node.ts'
import { NO_PART_SHOWN } from './use-trace-search.ts'
import { useFolds } from './use-folds.ts'
import { WaterfallView } from './WaterfallView.tsx'
import type { Zoom } from './zoom.ts'

type TwinSideProps = { label: string; model: TraceModel; scale: Zoom; linkTo?: string }

const NONE: ReadonlySet<string> = new Set()
const stay = (): void => undefined

export function TwinSide({ label, model, scale, linkTo }: TwinSideProps) {
  const folds = useFolds(model, false)
  const [active, setActive] = useState<string | null>(null)
  return (
    <section className="twin-side trace-left" aria-label={label}>
      <h2>
        {label} <b className="num">{durationText(traceDurationMs(model))}</b>
        {linkTo !== undefined && (
          <Link
            className="link"
            to="/traces/$traceId"
            params={{ traceId: linkTo }}
            search={(before) => ({ ...before, ...NO_PART_SHOWN })}
          >
            Open
          </Link>
        )}
      </h2>
      <WaterfallView
        label={`Spans, ${label}`}
        rows={folds.rows}
        zoom={scale}
        activeKey={active}
        selectedKey={null}
        foundKeys={NONE}
        scrollTo={null}
        onActive={setActive}
        onSelect={setActive}
        onFold={folds.onFold}
        onZoom={stay}
      />
    </section>
  )
}
