import { LiveHealth } from '@sightline/server/contract'
import { useQueryClient } from '@tanstack/react-query'
import { ingestHealthKey } from '../api/ingest-queries.ts'
import { useSubscription } from './use-subscription.ts'

/** Ingest health is pushed into the query cache, at most once a second. */
export function useHealthFeed(): void {
  const queryClient = useQueryClient()
  useSubscription({
    subscribe: 'subscribe-health',
    event: 'health',
    onEvent: (body) => {
      const parsed = LiveHealth.safeParse(body)
      if (parsed.success) queryClient.setQueryData(ingestHealthKey, parsed.data.health)
    },
    onResubscribed: () => void queryClient.invalidateQueries({ queryKey: ingestHealthKey }),
  })
}
