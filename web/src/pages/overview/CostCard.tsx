import { useMemo } from 'react'
import { bucketText, stepText } from '../../charts/bucket-text.ts'
import { ChartCard } from '../../charts/ChartCard.tsx'
import type { ChartSeries } from '../../charts/chart-series.ts'
import { useHover } from '../../charts/hover.ts'
import { rowAt, valueOf } from '../../charts/rows.ts'
import { useSeriesSelection, type SeriesSelection } from '../../charts/use-series-selection.ts'
import { formatFixed, moneyText, spanText } from '../../lib/format.ts'
import type { Zone } from '../../lib/zone.ts'
import { actionsOf, groupSeries, openerOf, sizeOf, zoomOf } from './card-chart.ts'
import type { ChartCardInput } from './card-props.ts'
import type { GroupTotal, OverviewModel } from './overview-model.ts'

const ROW_HEIGHT = 24

export function CostCard(props: ChartCardInput) {
  const { model, zone } = props
  const { rows, groups } = model.costByModel
  const names = groups.map(({ name }) => name).join('\n')
  const series = useMemo(() => groupSeries(names), [names])
  const selection = useSeriesSelection(series)
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  const usual = Math.max(120, 228 - Math.max(1, groups.length) * ROW_HEIGHT)
  const size = sizeOf(props, { className: 'c4', height: usual })
  return (
    <ChartCard
      name="cost"
      title="Cost"
      subtitle={`USD per ${stepText(model.stepMs)}`}
      className={size.className}
      selection={selection}
      header={<CostReadout model={model} total={total} zone={zone} />}
      state={{ status: 'ready', isOutdated: props.isOutdated }}
      actions={actionsOf(props, { metric: 'cost', f: [], sort: '-cost' })}
      chart={{
        kind: 'area',
        rows,
        series,
        stepMs: model.stepMs,
        completeTo: model.complete.to,
        unit: 'USD',
        zone,
        height: size.height,
        timeTickCount: props.isFocused === true ? 5 : 3,
        summary: `Cost by model, ${moneyText(total)} in total.`,
        ...(props.releases === undefined ? {} : { releases: props.releases }),
        ...openerOf(props, { f: [], sort: '-cost' }),
        ...zoomOf(props),
      }}
    >
      <Shares groups={groups} series={series} selection={selection} />
    </ChartCard>
  )
}

type CostReadoutProps = { model: OverviewModel; total: number; zone: Zone }

/** The bucket at the crosshair, else the whole range. */
function CostReadout({ model, total, zone }: CostReadoutProps) {
  const at = useHover()
  const { rows, groups } = model.costByModel
  const row = rowAt(rows, model.stepMs, at)
  if (row === undefined) {
    return (
      <div className="r num" data-testid="cost-readout">
        <span>
          {spanText(model.complete.to - model.complete.from)} <b>{moneyText(total)}</b>
        </span>
      </div>
    )
  }
  const sum = groups.reduce((part, { name }) => part + (valueOf(row, name) ?? 0), 0)
  return (
    <div className="r num" data-testid="cost-readout" data-t={row.t}>
      <span>
        {bucketText(row.t, model.stepMs, zone)} <b>{row.isGap ? 'no data' : moneyText(sum)}</b>
      </span>
    </div>
  )
}

type SharesProps = {
  groups: readonly GroupTotal[]
  series: readonly ChartSeries[]
  selection: SeriesSelection
}

/** What each model cost in the range; a click draws it alone. */
function Shares({ groups, series, selection }: SharesProps) {
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  const largest = groups[0]?.total ?? 0
  return (
    <div className="share num">
      {groups.map(({ name, total: usd }, index) => (
        <button
          key={name}
          type="button"
          className="share-row"
          data-testid="cost-share"
          data-model={name}
          aria-pressed={selection.isVisible(name)}
          title={`${name} — click: only this one, ⇧ click: hide or show`}
          onClick={(event) => (event.shiftKey ? selection.toggle(name) : selection.isolate(name))}
        >
          <span className="key sq m" style={{ '--c': series[index]?.color }}>
            <span>{name}</span>
          </span>
          <span className="b" aria-hidden="true">
            <i
              style={{
                background: series[index]?.color,
                width: `${largest > 0 ? (usd / largest) * 100 : 0}%`,
              }}
            />
          </span>
          <span className="n">{moneyText(usd)}</span>
          <span className="p">{total > 0 ? formatFixed((usd / total) * 100, 0) : '0'}%</span>
        </button>
      ))}
      {groups.length === 0 && <span className="t3">No priced call in this range.</span>}
    </div>
  )
}
