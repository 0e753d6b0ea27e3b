import { useMemo } from 'react'
import { stepText } from '../../charts/bucket-text.ts'
import { ChartCard } from '../../charts/ChartCard.tsx'
import { countText } from '../../lib/format.ts'
import { actionsOf, groupSeries, openerOf, sizeOf, zoomOf } from './card-chart.ts'
import type { ChartCardInput } from './card-props.ts'

const FAILED = ['status:eq:error']

export function ErrorsCard(props: ChartCardInput) {
  const { model, zone } = props
  const { rows, groups } = model.errorsByType
  const names = groups
    .filter(({ total }) => total > 0)
    .map(({ name }) => name)
    .join('\n')
  const series = useMemo(() => groupSeries(names), [names])
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  const size = sizeOf(props, { className: 'c4', height: 150 })
  return (
    <ChartCard
      name="errors"
      title="Errors"
      subtitle={`per ${stepText(model.stepMs)}`}
      className={size.className}
      note={series.length === 0 && <span className="status ok">none</span>}
      state={{ status: 'ready', isOutdated: props.isOutdated }}
      actions={actionsOf(props, { metric: 'error_rate', f: FAILED })}
      chart={{
        kind: 'bar',
        rows: rows.length > 0 ? rows : model.rows,
        series,
        stepMs: model.stepMs,
        completeTo: model.complete.to,
        unit: '1',
        zone,
        height: size.height,
        timeTickCount: props.isFocused === true ? 5 : 3,
        summary: `Errors by cause, ${countText(total)} in total.`,
        ...(props.releases === undefined ? {} : { releases: props.releases }),
        ...openerOf(props, { f: FAILED }),
        ...zoomOf(props),
      }}
    />
  )
}
