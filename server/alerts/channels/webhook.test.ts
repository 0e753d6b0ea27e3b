import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Notice } from '../notice.ts'
import { newWebhookSecret, signWebhook, type WebhookMessage } from './webhook.ts'

const STARTED = Date.UTC(2026, 0, 1, 10)

function noticeOf(overrides: Partial<Notice> = {}): Notice {
  return {
    kind: 'fire',
    reason: 'fire',
    incidentId: 'inc_1',
    seq: 1,
    projectId: 'shop',
    ruleId: 'r_7',
    ruleName: 'p95',
    ruleVersion: 1,
    runbook: null,
    labels: { model: 'm-large' },
    severity: 'critical',
    metric: 'latency_p95',
    op: 'gt',
    unit: 'ms',
    value: 8_400.123456789,
    samples: 412,
    fire: 5_000,
    recover: 4_000,
    windowMs: 300_000,
    forMs: 600_000,
    delayMs: 30_000,
    state: 'firing',
    previous: 'pending',
    health: 'fresh',
    startedAt: STARTED,
    endedAt: null,
    tick: STARTED,
    lateMinutes: null,
    exemplars: [{ traceId: 'ab'.repeat(16), value: 31_200 }],
    ...overrides,
  }
}

function sign(overrides: Partial<WebhookMessage> = {}) {
  return signWebhook({
    messageId: 'msg_1',
    timestampS: 1_767_261_600,
    secret: newWebhookSecret(),
    receiver: 'ops',
    externalUrl: 'https://sl.example',
    notice: noticeOf(),
    hasUnsentFire: false,
    ...overrides,
  })
}

test('the signature is that of the published Standard Webhooks example', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const { headers, body } = sign({ secret })

  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
  const expected = createHmac('sha256', key).update(`msg_1.1767261600.${body}`).digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${expected}`)
  expect(headers['webhook-id']).toBe('msg_1')
  expect(headers['webhook-timestamp']).toBe('1767261600')
})

test('the body is what receivers of Alertmanager version 4 read', () => {
  const body: unknown = JSON.parse(sign().body)

  expect(body).toMatchObject({
    version: '4',
    status: 'firing',
    receiver: 'ops',
    groupKey: '{}/{rule="r_7"}',
    truncatedAlerts: 0,
    externalURL: 'https://sl.example',
    groupLabels: { rule: 'r_7' },
    commonLabels: { severity: 'critical', project: 'shop' },
    alerts: [
      {
        status: 'firing',
        labels: { model: 'm-large' },
        startsAt: '2026-01-01T10:00:00.000Z',
        endsAt: '0001-01-01T00:00:00Z',
      },
    ],
    sightline: { schema: 1, incident: 'inc_1', seq: 1, reason: 'fire', value: 8_400.123456789 },
  })
})

test('a resolve says when it ended and whether its fire was never sent', () => {
  const notice = noticeOf({ kind: 'resolve', reason: 'resolve', endedAt: STARTED + 60_000 })

  const body: unknown = JSON.parse(sign({ notice, hasUnsentFire: true }).body)

  expect(body).toMatchObject({
    status: 'resolved',
    alerts: [{ status: 'resolved', endsAt: '2026-01-01T10:01:00.000Z' }],
    sightline: { reason: 'fired_and_resolved' },
  })
})

test('the fingerprint is the same for the same rule and group in any order of labels', () => {
  const fingerprint = (labels: Notice['labels']) =>
    (
      JSON.parse(sign({ notice: noticeOf({ labels }) }).body) as {
        alerts: { fingerprint: string }[]
      }
    ).alerts[0]?.fingerprint

  expect(fingerprint({ a: '1', b: '2' })).toBe(fingerprint({ b: '2', a: '1' }))
  expect(fingerprint({ a: '1' })).not.toBe(fingerprint({ a: '2' }))
})

test.each(['\u0001', '漢', '"'])('the longest texts, of %s, stay under 20 KiB', (character) => {
  const long = character.repeat(200)
  const labels = { model: long.repeat(50), prompt: long.repeat(50), service: long.repeat(50) }
  const notice = noticeOf({ ruleName: long, runbook: character.repeat(2_000), labels })

  expect(Buffer.byteLength(sign({ notice, receiver: long }).body)).toBeLessThan(20 * 1_024)
})

test('a made secret holds 32 random bytes', () => {
  const secret = newWebhookSecret()

  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(newWebhookSecret()).not.toBe(secret)
})
