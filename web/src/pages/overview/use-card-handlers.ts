import type { MetricName } from '@sightline/server/contract'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'
import { zoomed } from '../../lib/live-range.ts'
import type { FOCUSES } from '../../lib/page-search.ts'
import { serverNow } from '../../lib/server-time.ts'
import { useView } from '../../shell/use-view.ts'
import type { CardHandlers } from './card-props.ts'
import { tracesSearch } from './use-open-traces.ts'

export type Focus = (typeof FOCUSES)[number]

/** What the charts can do on this page; all of it ends up in the URL. */
export function useCardHandlers(focus: Focus | undefined) {
  const navigate = useNavigate()
  const { history } = useRouter()
  const { view, window, filters } = useView()
  const zooms = useRef(0)
  return useMemo(() => {
    const setFocus = (next: Focus | undefined): void =>
      void navigate({ to: '/', search: (before) => ({ ...before, focus: next }) })
    const zoomTo = (range: {
      from?: number | undefined
      to?: number | undefined
      t?: string | undefined
    }): void =>
      void navigate({ to: '/', search: (before) => ({ ...before, t: undefined, ...range }) })
    const handlersOf = (card: Focus): CardHandlers => ({
      onOpenTraces: (range, f, sort) =>
        void navigate({ to: '/traces', search: tracesSearch(filters, { range, f, sort }) }),
      onOpenTrace: (traceId) => void navigate({ to: '/traces/$traceId', params: { traceId } }),
      onZoom: ({ from, to }) => {
        zooms.current += 1
        zoomTo({ from, to })
      },
      onZoomOut: () => {
        if (zooms.current > 0) {
          zooms.current -= 1
          history.back()
          return
        }
        if (window.status === 'rolling') return
        const { from, to, t } = zoomed(view, window, { now: serverNow(), factor: 2 })
        zoomTo({ from, to, t })
      },
      onCreateAlert: (metric) =>
        void navigate({ to: '/alerts', search: { metric: metric as MetricName } }),
      onFocus: () => setFocus(focus === card ? undefined : card),
    })
    return {
      setFocus,
      latency: handlersOf('latency'),
      cost: handlersOf('cost'),
      errors: handlersOf('errors'),
      tokens: handlersOf('tokens'),
    }
  }, [navigate, history, view, window, filters, focus])
}
