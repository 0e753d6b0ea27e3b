import type { EpochMs } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import type { Notice } from './notice.ts'

export type OutboxItem = {
  incidentId: string
  seq: number
  channelId: string
  projectId: string
  notice: Notice
  attempts: number
  createdAt: EpochMs
  fence: number
  channelName: string
  url: string
  secret: string
  hasUnsentFire: boolean
  /** The database's time, and that time without the offset tests set. */
  now: EpochMs
  clockNow: EpochMs
}

/** A resolve that finds its fire unsent says both, and keeps the wait the receiver asked for. */
export async function collapseOutbox(sql: Sql): Promise<void> {
  await sql`
    with collapsed as (
      update alert_outbox early set status = 'collapsed'
      from alert_outbox late
      where early.status = 'pending' and late.status = 'pending' and late.kind = 'resolve'
        and late.incident_id = early.incident_id and late.channel_id = early.channel_id
        and late.seq > early.seq
        and (early.lease_until is null or early.lease_until <= sightline_now())
      returning late.incident_id, late.channel_id, late.seq, early.next_attempt_at
    ), latest as (
      select incident_id, channel_id, seq, max(next_attempt_at) as next_attempt_at
      from collapsed group by incident_id, channel_id, seq
    )
    update alert_outbox o set next_attempt_at = greatest(o.next_attempt_at, l.next_attempt_at)
    from latest l
    where o.incident_id = l.incident_id and o.channel_id = l.channel_id and o.seq = l.seq`
}

/**
 * Takes messages that are due and first in their line: one at a time per incident and receiver, at
 * most four per receiver, none of a rule that is still replaying missed ticks.
 */
export async function claimOutbox(sql: Sql, limit: number): Promise<OutboxItem[]> {
  return sql<OutboxItem[]>`
    with ready as (
      select o.incident_id, o.seq, o.channel_id,
        row_number() over (partition by o.channel_id order by o.next_attempt_at, o.seq) as place
      from alert_outbox o
      where o.status = 'pending' and o.next_attempt_at <= sightline_now()
        and (o.lease_until is null or o.lease_until <= sightline_now())
        and not exists (select from alert_outbox b where b.incident_id = o.incident_id
          and b.channel_id = o.channel_id and b.seq < o.seq and b.status = 'pending')
        and not exists (select from alert_rules r where r.rule_id = o.rule_id and r.catching_up
          and r.enabled and r.deleted_at is null)
    ), taken as (
      select o.incident_id, o.seq, o.channel_id from alert_outbox o
      join ready using (incident_id, seq, channel_id)
      where ready.place <= 4 and o.status = 'pending'
        and (o.lease_until is null or o.lease_until <= sightline_now())
      order by o.next_attempt_at limit ${limit}
      for update of o skip locked
    )
    update alert_outbox o set lease_until = sightline_now() + interval '60 seconds',
      fence = o.fence + 1, attempts = o.attempts + 1
    from taken t join alert_channels c using (channel_id)
    where o.incident_id = t.incident_id and o.seq = t.seq and o.channel_id = t.channel_id
    returning o.incident_id, o.seq, o.channel_id, o.project_id, o.notice, o.attempts, o.created_at,
      o.fence, c.name as channel_name, c.url, c.secret, sightline_now() as now,
      clock_timestamp() as clock_now,
      exists (select from alert_outbox f where f.incident_id = o.incident_id
        and f.channel_id = o.channel_id and f.kind = 'fire' and f.status = 'collapsed') as has_unsent_fire`
}

export type AttemptRecord = {
  deliveryId: string
  messageId: string
  status: 'pending' | 'sent' | 'failed'
  waitMs: number | null
  durationMs: number
  outcome: string
  httpStatus: number | null
  error: string | null
  preview: string | null
}

/** Settles an attempt and logs it in one statement; the log row stands even where the lease is lost. */
export async function saveAttempt(
  sql: Sql,
  item: OutboxItem,
  attempt: AttemptRecord,
): Promise<void> {
  const wait = attempt.waitMs === null ? null : `${attempt.waitMs} milliseconds`
  await sql`
    with clock as materialized (
      select sightline_now() as now
    ), settled as (
      update alert_outbox set status = ${attempt.status}, lease_until = null,
        next_attempt_at = coalesce(clock.now + ${wait}::interval, next_attempt_at)
      from clock
      where incident_id = ${item.incidentId} and seq = ${item.seq} and channel_id = ${item.channelId}
        and fence = ${item.fence} and status = 'pending'
    ), channel as (
      update alert_channels set
        failing_since = case when ${attempt.status === 'sent'} then null
          else coalesce(failing_since, clock.now) end,
        last_success_at = case when ${attempt.status === 'sent'} then clock.now
          else last_success_at end
      from clock
      where channel_id = ${item.channelId}
    )
    insert into alert_deliveries (delivery_id, project_id, channel_id, incident_id, seq, message_id,
      attempt, attempted_at, duration_ms, outcome, http_status, error, response_preview, next_attempt_at)
    select ${attempt.deliveryId}, ${item.projectId}, ${item.channelId}, ${item.incidentId}, ${item.seq},
      ${attempt.messageId}, ${item.attempts}, clock.now, ${attempt.durationMs}, ${attempt.outcome},
      ${attempt.httpStatus}, ${attempt.error}, ${attempt.preview}, clock.now + ${wait}::interval
    from clock`
}
