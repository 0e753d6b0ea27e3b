import type { DriftResult } from '@sightline/server/contract'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { driftQuery } from '../../api/queries.ts'
import type { OverviewModel } from './overview-model.ts'
import { useSlow } from './use-slow.ts'

/** Drift over the complete range: dear to work out, so asked at most once a minute. */
export function useDrift(
  { complete, revision, stepMs, storedThrough: at }: OverviewModel,
  filters: readonly string[],
): UseQueryResult<DriftResult> {
  const key = JSON.stringify([filters, stepMs, complete.to - complete.from])
  const asked = useSlow({ complete, revision }, { key, at })
  return useQuery(driftQuery({ ...asked.complete, f: filters }, asked.revision))
}
