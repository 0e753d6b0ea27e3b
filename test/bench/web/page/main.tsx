import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter'
import '../../../../web/src/styles/tokens.css'
import '../../../../web/src/styles/base.css'
import '../../../../web/src/styles/charts.css'
import '../../../../web/src/styles/overview.css'
import { Sparkline } from '../../../../web/src/charts/Sparkline.tsx'
import { windowOf } from '../../../../web/src/lib/window.ts'
import { fromSnapshot, mergeUpdate, type LiveMetrics } from '../../../../web/src/live/merge.ts'
import {
  overviewModel,
  type OverviewModel,
} from '../../../../web/src/pages/overview/overview-model.ts'
import type { FrameRecord } from '../record-frames.ts'
import { chartsOf } from './charts-of.ts'
import { NaiveChart } from './NaiveChart.tsx'
import { OurChart } from './OurChart.tsx'

/** The four charts and eight small ones of Overview, fed a recorded minute at its own pace. */
const range = windowOf({})
const SPARKS = [
  'requests',
  'errorRate',
  'p95',
  'firstToken',
  'cost',
  'p50',
  'p99',
  'tokensOutput',
] as const
const TICK_MS = 1_000

type BoardProps = { record: FrameRecord; Chart: typeof OurChart }

function Board({ record, Chart }: BoardProps) {
  const model = useReplay(record)
  return (
    <main className="main">
      <section className="card tiles">
        {SPARKS.map((key) => (
          <div key={key} className="tile">
            <Sparkline
              rows={model.rows}
              valueKey={key}
              completeTo={model.complete.to}
              color="var(--t2)"
            />
          </div>
        ))}
      </section>
      <div className="grid">
        {chartsOf(model).map((chart) => (
          <section key={chart.name} className={`card ${chart.name === 'latency' ? 'c8' : 'c4'}`}>
            <Chart {...chart} />
          </section>
        ))}
      </div>
    </main>
  )
}

function useReplay({ seq, snapshot, updates }: FrameRecord): OverviewModel {
  const [metrics, setMetrics] = useState(() => fromSnapshot({ ok: true, seq, snapshot }))
  useEffect(() => {
    let index = 0
    const timer = setInterval(() => {
      const update = updates[index]
      index += 1
      if (update === undefined) clearInterval(timer)
      else setMetrics((before) => merged(before, update))
    }, TICK_MS)
    return () => clearInterval(timer)
  }, [updates])
  return overviewModel(metrics, range)
}

function merged(before: LiveMetrics, update: FrameRecord['updates'][number]): LiveMetrics {
  const result = mergeUpdate(before, update)
  if (result.status === 'gap') throw new Error(`the record has a gap at ${update.seq}`)
  return result.metrics
}

function start(record: FrameRecord, mode: 'ours' | 'naive'): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no element #root')
  createRoot(root).render(<Board record={record} Chart={mode === 'ours' ? OurChart : NaiveChart} />)
}

Object.assign(globalThis, { startReplay: start })
