import {
  LiveAlert,
  type Incident,
  type IncidentList,
  type RuleList,
} from '@sightline/server/contract'
import { useQueryClient } from '@tanstack/react-query'
import { openIncidentsKey } from '../api/overview-queries.ts'
import { keys } from '../api/queries.ts'
import { useSubscription } from './use-subscription.ts'

/** Incidents and rule states are pushed into the query cache as they change. */
export function useAlertFeed(): void {
  const queryClient = useQueryClient()
  useSubscription({
    subscribe: 'subscribe-alerts',
    event: 'alert',
    onEvent: (body) => {
      const parsed = LiveAlert.safeParse(body)
      if (!parsed.success) return
      const { incident, ruleState, channelId } = parsed.data
      if (channelId !== undefined) void queryClient.invalidateQueries({ queryKey: keys.channels })
      if (incident !== undefined) {
        queryClient.setQueryData<IncidentList>(keys.incidents, (list) =>
          withIncident(list, incident),
        )
        queryClient.setQueryData<IncidentList>(openIncidentsKey, (list) =>
          withIncident(list, incident, incident.state !== 'resolved'),
        )
      }
      if (ruleState !== undefined) {
        queryClient.setQueryData<RuleList>(keys.rules, (list) => {
          if (list === undefined) return list
          const items = list.items.map((rule) =>
            rule.id === ruleState.ruleId ? { ...rule, state: { groups: ruleState.groups } } : rule,
          )
          return { ...list, items }
        })
      }
    },
    // The open incidents lie under the key of all incidents.
    onResubscribed: () => {
      void queryClient.invalidateQueries({ queryKey: keys.incidents })
      void queryClient.invalidateQueries({ queryKey: keys.rules })
      void queryClient.invalidateQueries({ queryKey: keys.channels })
    },
  })
}

function withIncident(
  list: IncidentList | undefined,
  incident: Incident,
  isKept = true,
): IncidentList | undefined {
  if (list === undefined) return list
  const others = list.items.filter(({ id }) => id !== incident.id)
  return { ...list, items: isKept ? [incident, ...others] : others }
}
