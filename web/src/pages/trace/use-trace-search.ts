import { useNavigate, useSearch } from '@tanstack/react-router'
import type { TraceViewSearch } from '../../lib/page-search.ts'

/** Another trace of the same list has spans and times of its own. */
export const NO_PART_SHOWN = { span: undefined, zoom: undefined, with: undefined }

/** What the address says of this page, and the way to change it. */
export function useTraceSearch() {
  const search = useSearch({ from: '/traces/$traceId' })
  const navigate = useNavigate()
  const change = (next: {
    [Key in keyof TraceViewSearch]?: TraceViewSearch[Key] | undefined
  }): void => {
    void navigate({
      to: '.',
      search: (before) => ({ ...before, ...next }),
      replace: true,
      resetScroll: false,
    })
  }
  return { search, change }
}
