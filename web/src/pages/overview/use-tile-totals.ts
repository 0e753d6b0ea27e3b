import { useQueries } from '@tanstack/react-query'
import { totalQuery } from '../../api/queries.ts'
import type { OverviewModel } from './overview-model.ts'
import { TILES } from './tile-specs.ts'

/** The figure of each tile and that of the period compared with, in the order of the tiles. */
export function useTileTotals(model: OverviewModel, filters: readonly string[]) {
  const { complete, previous, revision, comparison } = model
  const totals = useQueries({
    queries: TILES.flatMap(({ metric }) => [
      totalQuery(metric, { ...complete, f: filters }, revision),
      {
        ...totalQuery(metric, { ...previous, f: filters }, revision),
        enabled: comparison.kind !== 'off' && previous.to > previous.from,
      },
    ]),
  })
  return TILES.map((spec, index) => ({
    ...spec,
    now: totals[2 * index]?.data,
    before: totals[2 * index + 1]?.data,
    isLoading: totals.slice(2 * index, 2 * index + 2).some((one) => one.isLoading),
  }))
}
