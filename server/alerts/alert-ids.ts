import { newId } from '../platform/ids.ts'

export const newRuleId = () => prefixed('r')
export const newChannelId = () => prefixed('ch')
export const newIncidentId = () => prefixed('inc')
export const newDeliveryId = () => prefixed('dl')

/** The same over all attempts, so that a receiver can drop what it has seen. */
export function messageIdOf(item: { incidentId: string; seq: number; channelId: string }): string {
  return `msg_${item.incidentId}_${item.seq}_${item.channelId}`
}

function prefixed(prefix: string): string {
  return `${prefix}_${newId().replaceAll('-', '')}`
}
