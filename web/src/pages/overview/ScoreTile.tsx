import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { passRateQuery, passRateSeriesQuery } from '../../api/overview-queries.ts'
import { anyTraceQuery } from '../../api/queries.ts'
import { buildRows } from '../../charts/rows.ts'
import { countText } from '../../lib/format.ts'
import { scoreCommand } from '../../lib/score-command.ts'
import type { OverviewModel } from './overview-model.ts'
import { TileView } from './TileView.tsx'
import { useSlow } from './use-slow.ts'

type ScoreTileProps = {
  name: string | null
  model: OverviewModel
  filters: readonly string[]
  shortcut: number
}

/** The sixth tile: how often the most used score passes, and until there is one, how to send it. */
export function ScoreTile({ name, ...props }: ScoreTileProps) {
  return name === null ? (
    <FirstScore shortcut={props.shortcut} />
  ) : (
    <PassRate name={name} {...props} />
  )
}

function PassRate({ name, model, filters, shortcut }: ScoreTileProps & { name: string }) {
  const { complete, previous, revision, comparison, stepMs } = model
  const shiftMs = complete.from - previous.from
  const isCompared = comparison.kind !== 'off'
  const key = JSON.stringify([name, filters, stepMs, shiftMs])
  const asked = useSlow({ complete, previous, revision }, { key, at: model.storedThrough })
  const range = { ...asked.complete, f: filters }
  const before = { ...asked.previous, f: filters }
  const now = useQuery(passRateQuery(name, range, asked.revision))
  const earlier = useQuery({
    ...passRateQuery(name, before, asked.revision),
    enabled: isCompared,
  })
  const series = useQuery(passRateSeriesQuery(name, { ...range, step: stepMs }))
  const ghost = useQuery({
    ...passRateSeriesQuery(name, { ...before, step: stepMs }),
    enabled: isCompared,
  })
  const rows = useMemo(() => {
    const points = series.data?.series[0]?.points ?? []
    const ghosts = (ghost.data?.series[0]?.points ?? []).map((one) => ({
      ...one,
      t: one.t + shiftMs,
    }))
    const { from, to } = complete
    return buildRows({ from, last: to - stepMs, stepMs, up: [] }, [
      { key: 'rate', points, empty: null },
      { key: 'rate@before', points: isCompared ? ghosts : [], empty: null },
    ])
  }, [series.data, ghost.data, complete, shiftMs, stepMs, isCompared])
  return (
    <TileView
      label={name === 'feedback' ? 'Positive feedback' : `${name} pass rate`}
      metric={`score_pass_rate.${name}`}
      unit="ratio"
      rise="good"
      shortcut={shortcut}
      now={now}
      before={earlier.data}
      model={model}
      note={({ n }) => `n ${countText(n)} judged`}
      spark={{ rows, valueKey: 'rate', ghostKey: 'rate@before' }}
      filters={filters}
      traces={{ f: [`score.${name}:lt:0.5`] }}
    />
  )
}

const COPIED_MS = 2_000

function FirstScore({ shortcut }: { shortcut: number }) {
  const newest = useQuery(anyTraceQuery)
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no')
  const traceId = newest.data?.items[0]?.traceId ?? '0'.repeat(32)
  const command = scoreCommand(location.origin, traceId)
  const onCopy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command)
      setCopied('yes')
      setTimeout(() => setCopied('no'), COPIED_MS)
    } catch {
      setCopied('failed')
    }
  }
  const Icon = copied === 'yes' ? IconCheck : IconCopy
  return (
    <section className="tile tile-first" aria-label="Eval pass rate" data-testid="tile-first-score">
      <h2>Eval pass rate</h2>
      <p>No score yet. Send the first:</p>
      <div className="one-line">
        <code className="mono" title={command} data-testid="score-command">
          {command}
        </code>
        <button
          type="button"
          className="btn small"
          data-tile={shortcut}
          data-testid="copy-score-command"
          aria-label="Copy the command"
          title={
            copied === 'failed' ? 'The browser did not allow it: select the line instead' : command
          }
          onClick={() => void onCopy()}
        >
          <Icon size={14} aria-hidden="true" />
        </button>
      </div>
      <span className="sr-only" role="status">
        {copied === 'yes' && 'Copied'}
        {copied === 'failed' && 'Not copied, select the line instead'}
      </span>
    </section>
  )
}
