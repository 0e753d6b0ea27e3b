/**
 * Alertmanager's webhook body (version 4), so that its receivers work unchanged, plus one `sightline`
 * object; signed by the rules of Standard Webhooks. Holds ids and links, never prompt text.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Notice } from '../notice.ts'
import { groupKeyOf } from '../rule-record.ts'

export type WebhookMessage = {
  messageId: string
  /** Seconds of the database's clock. */
  timestampS: number
  secret: string
  receiver: string
  externalUrl: string
  notice: Notice
  /** An unsent fire went into this resolve. */
  hasUnsentFire: boolean
}
export type SignedWebhook = { headers: Record<string, string>; body: string }

const SECRET_BYTES = 32
const SECRET_PREFIX = 'whsec_'
const MAX_LABEL_LENGTH = 200
const MAX_RUNBOOK_LENGTH = 2_000
/** What Alertmanager writes where an alert has not ended. */
const NO_END = '0001-01-01T00:00:00Z'

export function newWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`
}

export function signWebhook(message: WebhookMessage): SignedWebhook {
  const { messageId, timestampS, secret } = message
  const body = JSON.stringify(toBody(message))
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
  const signature = createHmac('sha256', key)
    .update(`${messageId}.${timestampS}.${body}`)
    .digest('base64')
  return {
    headers: {
      'content-type': 'application/json',
      'user-agent': 'sightline',
      'webhook-id': messageId,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': `v1,${signature}`,
    },
    body,
  }
}

function toBody(message: WebhookMessage) {
  const { notice, receiver, externalUrl } = message
  const isResolved = notice.kind === 'resolve'
  const status = isResolved ? 'resolved' : 'firing'
  const link = `${externalUrl}/alerts?incident=${encodeURIComponent(notice.incidentId)}`
  const rule = {
    alertname: shorten(notice.ruleName),
    rule: notice.ruleId,
    severity: notice.severity,
  }
  return {
    version: '4',
    status,
    receiver: shorten(receiver),
    groupKey: `{}/{rule=${JSON.stringify(notice.ruleId)}}`,
    truncatedAlerts: 0,
    externalURL: externalUrl,
    groupLabels: { rule: notice.ruleId },
    commonLabels: { ...rule, project: notice.projectId },
    commonAnnotations: {
      summary: summarise(message),
      ...(notice.runbook === null ? {} : { runbook: shorten(notice.runbook, MAX_RUNBOOK_LENGTH) }),
    },
    alerts: [
      {
        status,
        labels: { ...rule, ...labelsOf(notice) },
        annotations: {},
        startsAt: new Date(notice.startedAt).toISOString(),
        endsAt: notice.endedAt === null ? NO_END : new Date(notice.endedAt).toISOString(),
        generatorURL: link,
        fingerprint: fingerprintOf(notice),
      },
    ],
    sightline: toSightline(message),
  }
}

function toSightline({ notice, hasUnsentFire, externalUrl }: WebhookMessage) {
  return {
    schema: 1,
    incident: notice.incidentId,
    seq: notice.seq,
    reason: hasUnsentFire ? 'fired_and_resolved' : notice.reason,
    state: notice.state,
    previous: notice.previous,
    metric: notice.metric,
    value: notice.value,
    unit: notice.unit,
    fire: notice.fire,
    recover: notice.recover,
    windowMs: notice.windowMs,
    windowEnd: notice.tick,
    forMs: notice.forMs,
    delayMs: notice.delayMs,
    samples: notice.samples,
    health: notice.health,
    ruleVersion: notice.ruleVersion,
    group: labelsOf(notice),
    ...(notice.lateMinutes === null ? {} : { lateMinutes: notice.lateMinutes }),
    exemplars: notice.exemplars.map(({ traceId, value }) => ({
      traceId,
      value,
      url: `${externalUrl}/traces/${traceId}`,
    })),
    slices: [],
  }
}

function summarise({ notice, hasUnsentFire }: WebhookMessage): string {
  const { metric, value, unit, op, fire } = notice
  const ruleName = shorten(notice.ruleName)
  const shown = value === null ? 'no value' : `${metric} ${value} ${unit}`
  const limit = `fires at ${op} ${fire} ${unit}`
  if (notice.kind !== 'resolve') {
    const { lateMinutes } = notice
    const late = lateMinutes === null ? '' : `, data came ${lateMinutes} min late`
    return `${ruleName}: ${shown}, ${limit}, since ${new Date(notice.startedAt).toISOString()}${late}`
  }
  const span = `${new Date(notice.startedAt).toISOString()} to ${new Date(notice.endedAt ?? notice.tick).toISOString()}`
  const verb = hasUnsentFire ? 'fired and resolved' : 'resolved'
  return `${ruleName}: ${verb} (${notice.reason}), ${span}, ${shown}, ${limit}`
}

/** Alertmanager's labels are strings; a value from a span may be long. */
function labelsOf({ labels }: Notice): Record<string, string> {
  const entries = Object.entries(labels).map(([name, value]) => [name, shorten(value ?? '')])
  return Object.fromEntries(entries) as Record<string, string>
}

/** Bounded, and without the control characters that JSON would write six times as long. */
function shorten(text: string, length = MAX_LABEL_LENGTH): string {
  return text.slice(0, length).replaceAll(/\p{Cc}/gu, ' ')
}

function fingerprintOf({ ruleId, labels }: Notice): string {
  return createHash('sha256')
    .update(`${ruleId}\0${groupKeyOf(labels)}`)
    .digest('hex')
    .slice(0, 16)
}
