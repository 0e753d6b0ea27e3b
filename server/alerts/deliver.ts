import type { Sql } from '../db/client.ts'
import type { Bus } from '../live/bus.ts'
import type { Log } from '../platform/log.ts'
import { safeFetch, type OutboundPolicy, type OutboundResult } from '../platform/safe-fetch.ts'
import { messageIdOf, newDeliveryId } from './alert-ids.ts'
import { signWebhook } from './channels/webhook.ts'
import { claimOutbox, collapseOutbox, saveAttempt } from './outbox.ts'
import type { AttemptRecord, OutboxItem } from './outbox.ts'
import { outcomeOf } from './retry.ts'

export type DeliveryContext = {
  sql: Sql
  log: Log
  policy: OutboundPolicy
  bus: Bus
  /** Where people reach the dashboard; the base of links in messages. */
  externalUrl: string
}

const MESSAGES_AT_ONCE = 16
const MAX_ROUNDS = 100

/** Sends what is due, at least once each: a crash between sending and saving sends it again. */
export async function deliverDue(context: DeliveryContext, signal?: AbortSignal): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (signal?.aborted === true) return
    await collapseOutbox(context.sql)
    const items = await claimOutbox(context.sql, MESSAGES_AT_ONCE)
    if (items.length === 0) return
    await Promise.all(items.map((item) => deliverOne(context, item, signal)))
  }
}

async function deliverOne(
  context: DeliveryContext,
  item: OutboxItem,
  signal?: AbortSignal,
): Promise<void> {
  const messageId = messageIdOf(item)
  const { headers, body } = signWebhook({
    ...item,
    messageId,
    // Receivers compare this with their own clock, so it takes no part in a test's shift.
    timestampS: Math.floor(item.clockNow / 1_000),
    receiver: item.channelName,
    externalUrl: context.externalUrl,
  })
  const startedAt = performance.now()
  const result = await safeFetch(
    { url: item.url, method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) },
    context.policy,
  )
  const durationMs = performance.now() - startedAt
  const record = toRecord(item, { result, durationMs, messageId })
  await saveAttempt(context.sql, item, record)
  const { projectId, channelId } = item
  context.bus.publish('channel-tried', { projectId, channelId })
  if (record.status !== 'sent') {
    const { outcome, error } = record
    const { incidentId, seq } = item
    context.log.warn({ channelId, incidentId, seq, outcome, error }, 'alert message not delivered')
  }
}

function toRecord(
  item: OutboxItem,
  sent: { result: OutboundResult; durationMs: number; messageId: string },
): AttemptRecord {
  const { result, durationMs, messageId } = sent
  const outcome = outcomeOf({
    result,
    attempt: item.attempts,
    createdAt: item.createdAt,
    now: item.now,
    random: Math.random(),
  })
  return {
    deliveryId: newDeliveryId(),
    messageId,
    status: statusOf(outcome.type),
    waitMs: outcome.type === 'retry' ? outcome.waitMs : null,
    durationMs,
    ...describeResult(result),
  }
}

function statusOf(type: 'delivered' | 'retry' | 'failed'): AttemptRecord['status'] {
  switch (type) {
    case 'delivered':
      return 'sent'
    case 'retry':
      return 'pending'
    case 'failed':
      return 'failed'
  }
}

/** What the delivery log says of an answer. */
export function describeResult(
  result: OutboundResult,
): Pick<AttemptRecord, 'outcome' | 'httpStatus' | 'error' | 'preview'> {
  if (result.status === 'failed') {
    return { outcome: result.fault, httpStatus: null, error: result.message, preview: null }
  }
  const { httpStatus, preview } = result
  if (httpStatus >= 200 && httpStatus < 300) {
    return { outcome: 'delivered', httpStatus, error: null, preview }
  }
  if (httpStatus === 410) return { outcome: 'gone', httpStatus, error: 'endpoint is gone', preview }
  const isRedirect = httpStatus >= 300 && httpStatus < 400
  const error = isRedirect ? 'redirects are not followed' : `the receiver answered ${httpStatus}`
  return { outcome: isRedirect ? 'redirect' : `http_${httpStatus}`, httpStatus, error, preview }
}
