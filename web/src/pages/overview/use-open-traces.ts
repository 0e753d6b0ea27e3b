import { useNavigate } from '@tanstack/react-router'
import type { TraceSort } from '../../lib/page-search.ts'
import { useView } from '../../shell/use-view.ts'

export type TracesTarget = {
  /** Without one the page's own range is kept, live or frozen. */
  range?: { from: number; to: number } | undefined
  /** On top of the page's filters. */
  f?: readonly string[]
  sort?: TraceSort | undefined
}

/** Search parameters of the trace list with the page's filters and more. */
export function tracesSearch(filters: readonly string[], { range, f = [], sort }: TracesTarget) {
  const all = [...new Set([...filters, ...f])]
  return {
    ...(all.length > 0 ? { f: all } : {}),
    ...(sort === undefined ? {} : { sort }),
    ...(range === undefined ? {} : { t: undefined, from: range.from, to: range.to }),
  }
}

export function useOpenTraces(): (target: TracesTarget) => void {
  const navigate = useNavigate()
  const { filters } = useView()
  return (target) => void navigate({ to: '/traces', search: tracesSearch(filters, target) })
}
