import { useQuery } from '@tanstack/react-query'
import { openIncidentsQuery } from '../../api/overview-queries.ts'
import { rulesQuery } from '../../api/queries.ts'
import type { OverviewModel } from './overview-model.ts'
import { useTileTotals } from './use-tile-totals.ts'

/** Whether the first line is known: it stands above all else, so that what follows never jumps. */
export function useVerdictReady(model: OverviewModel, filters: readonly string[]): boolean {
  const incidents = useQuery(openIncidentsQuery)
  const rules = useQuery(rulesQuery)
  const totals = useTileTotals(model, filters)
  if (incidents.isPending || rules.isPending) return false
  if (incidents.isError || rules.isError) return true
  const isWatched = incidents.data.items.length > 0 || rules.data.items.some((one) => one.enabled)
  return isWatched || totals !== null
}
