import type { EpochMs } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'

/** One attempt to send one message. */
export type Delivery = {
  id: string
  channelId: string
  incidentId: string | null
  seq: number | null
  /** The header webhook-id, equal over all attempts of a message. */
  messageId: string
  attempt: number
  attemptedAt: EpochMs
  durationMs: number
  /** delivered, gone, redirect, http_CODE, or the fault: blocked_address, dns, tls, timeout … */
  outcome: string
  httpStatus: number | null
  error: string | null
  responsePreview: string | null
  nextAttemptAt: EpochMs | null
}
export type DeliveryPosition = { attemptedAt: EpochMs; id: string }
export type DeliveryListQuery = {
  projectId: string
  limit: number
  channelId?: string | undefined
  incidentId?: string | undefined
  after?: DeliveryPosition | undefined
}

/** Newest first. */
export async function listDeliveries(sql: Sql, query: DeliveryListQuery): Promise<Delivery[]> {
  const { projectId, limit, channelId = null, incidentId = null, after } = query
  return sql<Delivery[]>`
    select delivery_id as id, channel_id, incident_id, seq, message_id, attempt, attempted_at,
      duration_ms, outcome, http_status, error, response_preview, next_attempt_at
    from alert_deliveries
    where project_id = ${projectId}
      and (${channelId}::text is null or channel_id = ${channelId}::text)
      and (${incidentId}::text is null or incident_id = ${incidentId}::text)
      and (${after === undefined} or (attempted_at, delivery_id)
        < (${after?.attemptedAt ?? null}::timestamptz, ${after?.id ?? null}::text))
    order by attempted_at desc, delivery_id desc limit ${limit}`
}
