import { LiveTrace } from '@sightline/server/contract'
import { useQueryClient } from '@tanstack/react-query'
import { keys } from '../../api/queries.ts'
import { useSubscription } from '../../live/use-subscription.ts'

/** While a trace still grows, the live feed says when to fetch it again. */
export function useTraceUpdates(traceId: string, enabled: boolean): void {
  const queryClient = useQueryClient()
  const refetch = (): void => void queryClient.invalidateQueries({ queryKey: keys.trace(traceId) })
  useSubscription({
    subscribe: 'subscribe-traces',
    event: 'trace',
    enabled,
    onEvent: (body) => {
      const parsed = LiveTrace.safeParse(body)
      if (parsed.success && parsed.data.items.some((item) => item.traceId === traceId)) refetch()
    },
    onResubscribed: refetch,
  })
}
