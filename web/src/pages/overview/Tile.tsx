import { METRIC_UNITS } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { totalQuery } from '../../api/queries.ts'
import type { OverviewModel } from './overview-model.ts'
import type { TileSpec } from './tile-specs.ts'
import { TileView } from './TileView.tsx'

type TileProps = {
  spec: TileSpec
  model: OverviewModel
  filters: readonly string[]
  shortcut: number
}

export function Tile({ spec, model, filters, shortcut }: TileProps) {
  const { metric, row, label, rise, note, traces } = spec
  const now = useQuery(totalQuery(metric, { ...model.complete, f: filters }, model.revision))
  const before = useQuery({
    ...totalQuery(metric, { ...model.previous, f: filters }, model.revision),
    enabled: model.comparison.kind !== 'off' && model.previous.to > model.previous.from,
  })
  return (
    <TileView
      label={label}
      metric={metric}
      unit={METRIC_UNITS[metric]}
      rise={rise}
      shortcut={shortcut}
      now={now}
      before={before.data}
      model={model}
      note={({ n, from, to, value }) => (value === null ? '' : note(n, to - from, value))}
      spark={{ rows: model.rows, valueKey: row, ghostKey: `${row}@before` }}
      filters={filters}
      traces={traces(now.data?.value ?? null)}
    />
  )
}
