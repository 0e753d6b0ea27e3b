import type { Sql } from '../db/client.ts'
import { AppError } from '../platform/errors.ts'
import { safeFetch } from '../platform/safe-fetch.ts'
import { newDeliveryId } from './alert-ids.ts'
import type { SecretChannel } from './channels.ts'
import { signWebhook } from './channels/webhook.ts'
import { describeResult, type DeliveryContext } from './deliver.ts'
import type { Notice } from './notice.ts'

export type TestFire = {
  delivered: boolean
  messageId: string
  outcome: string
  httpStatus: number | null
  error: string | null
  responsePreview: string | null
  durationMs: number
}

const TESTS_PER_HOUR = 60

/** Sends a made-up message at once and says what the receiver answered. */
export async function testChannel(
  { sql, policy, externalUrl }: DeliveryContext,
  projectId: string,
  channel: SecretChannel,
): Promise<TestFire> {
  const deliveryId = newDeliveryId()
  const clock = await admitTest(sql, projectId)
  const messageId = `msg_test_${deliveryId}`
  const { headers, body } = signWebhook({
    messageId,
    timestampS: Math.floor(clock.clockNow / 1_000),
    secret: channel.secret,
    receiver: channel.name,
    externalUrl,
    notice: testNotice(projectId, clock.now),
    hasUnsentFire: false,
  })
  const startedAt = performance.now()
  const result = await safeFetch({ url: channel.url, method: 'POST', headers, body }, policy)
  const durationMs = performance.now() - startedAt
  const { preview, ...answer } = describeResult(result)
  await sql`
    insert into alert_deliveries (delivery_id, project_id, channel_id, message_id, attempt,
      attempted_at, duration_ms, outcome, http_status, error, response_preview)
    values (${deliveryId}, ${projectId}, ${channel.channelId}, ${messageId}, 1, sightline_now(),
      ${durationMs}, ${answer.outcome}, ${answer.httpStatus}, ${answer.error}, ${preview})`
  return {
    delivered: answer.outcome === 'delivered',
    messageId,
    ...answer,
    responsePreview: preview,
    durationMs,
  }
}

/** Test messages go to addresses of the user's choice, so their number is bounded. */
async function admitTest(sql: Sql, projectId: string): Promise<{ now: number; clockNow: number }> {
  const [row] = await sql<{ now: number; clockNow: number; sent: number }[]>`
    select sightline_now() as now, clock_timestamp() as clock_now, (select count(*) from alert_deliveries
      where project_id = ${projectId} and incident_id is null
        and attempted_at > sightline_now() - interval '1 hour') as sent`
  if (row === undefined) throw new Error('the clock gave no row')
  if (row.sent < TESTS_PER_HOUR) return row
  throw new AppError(
    `${TESTS_PER_HOUR} test messages were sent within the hour; wait before the next`,
    {
      status: 429,
      code: 'rate_limited',
      retryAfterS: 60,
    },
  )
}

function testNotice(projectId: string, now: number): Notice {
  return {
    kind: 'fire',
    reason: 'test',
    incidentId: 'inc_test',
    seq: 1,
    projectId,
    ruleId: 'r_test',
    ruleName: 'Test message from Sightline',
    ruleVersion: 1,
    runbook: null,
    labels: {},
    severity: 'info',
    metric: 'latency_p95',
    op: 'gt',
    unit: 'ms',
    value: 8_400,
    samples: 412,
    fire: 5_000,
    recover: 4_000,
    windowMs: 300_000,
    forMs: 600_000,
    delayMs: 30_000,
    state: 'firing',
    previous: 'pending',
    health: 'fresh',
    startedAt: now,
    endedAt: null,
    tick: now,
    lateMinutes: null,
    exemplars: [],
  }
}
