import { useState } from 'react'
import type { ListView } from '../../api/trace-queries.ts'
import { serverNow } from '../../lib/server-time.ts'
import { floorTo } from '../../lib/window.ts'
import { useView } from '../../shell/use-view.ts'
import { useTraceSearch } from './use-trace-search.ts'

/** The list this trace was opened from, as its address tells: range, filters and order. */
export function useListView(): ListView {
  const { window: range, filters } = useView()
  const { search } = useTraceSearch()
  const [openedAt] = useState(() => floorTo(serverNow(), 1_000))
  const isFixed = range.status === 'fixed'
  return {
    from: isFixed ? range.from : openedAt - range.lengthMs,
    to: isFixed ? range.to : undefined,
    f: filters,
    sort: search.sort,
  }
}
