import { METRIC_UNITS } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { explainQuery } from '../../api/overview-queries.ts'
import { formatFixed } from '../../lib/format.ts'
import { usePageKeys } from '../../lib/page-keys.ts'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { changeSentence, largestChange, LEAST_CHANGE, type Change } from './change.ts'
import { periodText } from './compare.ts'
import { isComparable } from './delta.ts'
import { tracesWord } from './metric-words.ts'
import type { OverviewModel } from './overview-model.ts'
import { TILES } from './tile-specs.ts'
import { useOpenTraces } from './use-open-traces.ts'
import { useSlow } from './use-slow.ts'
import { useTileTotals } from './use-tile-totals.ts'
import { VerdictBar } from './VerdictBar.tsx'
import { Why } from './Why.tsx'

type ChangeVerdictProps = { model: OverviewModel; filters: readonly string[] }

/** Nobody has set a limit: the figure that changed most against the period compared with. */
export function ChangeVerdict({ model, filters }: ChangeVerdictProps) {
  const { comparison } = model
  const isCompared = comparison.kind !== 'off'
  const totals = useTileTotals(model, filters)
  const candidates = (totals ?? []).flatMap(({ metric, rise, now, before }) =>
    now === undefined || before === undefined
      ? []
      : [{ metric, rise, unit: METRIC_UNITS[metric], now, before }],
  )
  const isKnown = candidates.length === TILES.length
  const isYardstick = model.previousCoverage !== null && isComparable(model.previousCoverage)
  const change = isYardstick ? largestChange(candidates) : null
  if (change === null) {
    const against = `by ${formatFixed(LEAST_CHANGE * 100, 0)}% or more against ${periodText(comparison)}`
    return (
      <NoLimit
        text={
          isCompared && isKnown && isYardstick
            ? `No figure changed ${against}.`
            : 'Nothing to compare with yet.'
        }
      />
    )
  }
  return <ChangeBar key={change.metric} change={change} model={model} filters={filters} />
}

function NoLimit({ text }: { text: string }) {
  return (
    <section
      className="verdict quiet"
      aria-label="Current state"
      data-testid="verdict"
      data-state="ok"
    >
      <p>
        <span className="status t2">
          <StatusIcon shape="ok" size={13} />
          No limit is set
        </span>
        <span>{text}</span>
      </p>
      <Link className="link" to="/alerts">
        Set one
      </Link>
    </section>
  )
}

type ChangeBarProps = ChangeVerdictProps & { change: Change }

function ChangeBar({ change, model, filters }: ChangeBarProps) {
  const { metric } = change
  const { complete, previous, storedThrough: at } = model
  const key = JSON.stringify([metric, filters, complete.to - complete.from])
  const range = useSlow(
    {
      from: complete.from,
      to: complete.to,
      baselineFrom: previous.from,
      baselineTo: previous.to,
    },
    { key, at },
  )
  const isExplained = /^(latency|cost|error_rate)/.test(metric) && change.isWorse
  const explained = useQuery({
    ...explainQuery({ metric, f: filters, ...range }),
    enabled: isExplained,
  })
  const openTraces = useOpenTraces()
  const spec = TILES.find((one) => one.metric === metric)
  const { f = [], sort } = spec?.traces(change.now.value) ?? {}
  const target = {
    range: { from: range.from, to: range.to },
    f: explained.data?.f ?? f,
    sort,
  }
  usePageKeys('Verdict', [
    { keys: 'v', label: 'Traces of the verdict', run: () => openTraces(target) },
  ])
  const sentence = changeSentence(change, periodText(model.comparison))
  return (
    <VerdictBar
      state="change"
      tone={change.isWorse ? 'warn' : 'info'}
      badge="Changed"
      announcement=""
      headline={sentence}
      rest={
        <>
          {' '}
          No limit is set:{' '}
          <Link className="link" to="/alerts">
            set one
          </Link>
          .
        </>
      }
      why={isExplained && <Why query={explained} what={tracesWord(metric)} target={target} />}
      actions={
        <button
          type="button"
          className="btn primary"
          data-testid="verdict-traces"
          onClick={() => openTraces(target)}
        >
          Open {change.isWorse ? tracesWord(metric) : 'traces'}
        </button>
      }
    />
  )
}
