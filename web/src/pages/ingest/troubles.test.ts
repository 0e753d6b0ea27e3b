import type { IngestHealth } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { troublesOf } from './troubles.ts'

const MINUTE = 60_000

const SOURCE = {
  source: { dialect: 'gen-ai', sdk: 'opentelemetry', sdkVersion: '2.0.0', service: 'chat-api' },
  lastSeenAt: 0,
  silentForMs: null,
  spansPerSecond: 2,
  received: 900,
  rejected: 0,
  dropped: 0,
  unmapped: 0,
}

function healthOf(change: Partial<IngestHealth> = {}): IngestHealth {
  return {
    at: 0,
    windowMs: 5 * MINUTE,
    acceptedPerSecond: 3,
    rejectedPerSecond: 0,
    rejected: [],
    dropped: 0,
    minutes: [],
    lagP95Ms: 700,
    bytesInFlight: 0,
    bytesLimit: 64 * 1024 * 1024,
    queuedSpans: 0,
    disk: { databaseBytes: 1e9, freeBytes: 5e10, daysLeft: 200 },
    sources: [SOURCE],
    coverage: [],
    rejectSamples: [],
    clockSkew: [],
    cardinality: [],
    canary: { status: 'ok', lastSeenAt: 0, missed: 0 },
    ...change,
  }
}

test('nothing is said where all is well', () => {
  expect(troublesOf(healthOf())).toEqual([])
})

test('a missing canary stands before refusals, and those before what only slows', () => {
  const troubles = troublesOf(
    healthOf({
      lagP95Ms: 2 * MINUTE,
      rejected: [{ reason: 'invalid_time', records: 3, requests: 0 }],
      canary: { status: 'missing', lastSeenAt: 0, missed: 4 },
    }),
  )

  expect(troubles.map(({ tone }) => tone)).toEqual(['crit', 'warn', 'info'])
  expect(troubles[0]?.title).toBe('The last 4 canary spans did not come back')
  expect(troubles[1]?.title).toBe('3 records refused in the last hour')
})

test('records and whole requests that were refused are told apart', () => {
  const rejected = [
    { reason: 'too_deep', records: 2, requests: 0 },
    { reason: 'bad_request', records: 0, requests: 1_200 },
  ]

  const [trouble] = troublesOf(healthOf({ rejected }))

  expect(trouble?.title).toBe('2 records and 1,200 whole requests refused in the last hour')
})

test('each silent sender is named', () => {
  const silent = { ...SOURCE, silentForMs: 6 * MINUTE }
  const other = { ...SOURCE, source: { ...SOURCE.source, service: 'worker' } }

  const troubles = troublesOf(healthOf({ sources: [silent, other] }))

  expect(troubles.map(({ title }) => title)).toEqual(['chat-api silent for 6 min'])
})

test('a disk that is full within a day is worse than one that is full within a week', () => {
  const disk = { databaseBytes: 1e9, freeBytes: 1e9, daysLeft: 5.5 }

  expect(troublesOf(healthOf({ disk }))[0]).toMatchObject({
    tone: 'warn',
    title: 'The disk is full in 5 days at this pace',
  })
  expect(troublesOf(healthOf({ disk: { ...disk, daysLeft: 0.4 } }))[0]?.tone).toBe('crit')
})
