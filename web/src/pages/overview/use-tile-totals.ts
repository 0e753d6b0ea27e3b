import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { totalQuery, type Total } from '../../api/queries.ts'
import type { OverviewModel } from './overview-model.ts'
import { TILES } from './tile-specs.ts'

type Answer = { data: Total | undefined; isLoading: boolean }

/**
 * The figure of each tile and that of the period compared with, in the order of the tiles; null
 * until the first have come. Those of the last range stay until all of the next are there, which
 * `keepPreviousData` cannot do here: useQueries watches each new key with a new observer.
 */
export function useTileTotals(model: OverviewModel, filters: readonly string[]) {
  const { complete, previous, revision, comparison } = model
  const newest = useQueries({
    queries: TILES.flatMap(({ metric }) => [
      totalQuery(metric, { ...complete, f: filters }, revision),
      {
        ...totalQuery(metric, { ...previous, f: filters }, revision),
        enabled: comparison.kind !== 'off' && previous.to > previous.from,
      },
    ]),
    combine: allOrNone,
  })
  const [kept, setKept] = useState(newest)
  if (newest !== null && newest !== kept) setKept(newest)
  const shown = newest ?? kept
  return (
    shown &&
    TILES.map((spec, index) => ({ ...spec, now: shown[2 * index], before: shown[2 * index + 1] }))
  )
}

function allOrNone(answers: readonly Answer[]): Answer['data'][] | null {
  return answers.some(({ isLoading }) => isLoading) ? null : answers.map(({ data }) => data)
}
