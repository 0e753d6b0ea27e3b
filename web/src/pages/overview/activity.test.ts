import { expect, test } from 'vitest'
import type { DriftSignal, Incident } from '@sightline/server/contract'
import { activityOf } from './activity.ts'

const MIN = 60_000

function incidentOf(overrides: Partial<Incident> = {}): Incident {
  return {
    id: 'inc_1',
    ruleId: 'r_1',
    ruleName: 'p95 of chat',
    group: {},
    severity: 'critical',
    state: 'firing',
    startAt: 10 * MIN,
    endAt: null,
    value: 4_820,
    peak: 5_000,
    unit: 'ms',
    threshold: 4_000,
    reason: 'fire',
    ackBy: null,
    exemplars: [],
    slices: [],
    timeline: [],
    ...overrides,
  }
}

function signalOf(overrides: Partial<DriftSignal> = {}): DriftSignal {
  const range = { from: 0, to: MIN }
  return {
    signal: 'input_length',
    kind: 'numeric',
    unit: 'tokens',
    n: 400,
    nReference: 4_000,
    statistic: 'psi',
    value: 0.27,
    interval: null,
    pValue: 0,
    qValue: null,
    effect: { text: 'median 1,840 → 4,610 tokens', from: 1_840, to: 4_610, unit: 'tokens' },
    evidence: 12,
    threshold: 5,
    verdict: 'shifted',
    window: range,
    reference: range,
    contributions: [],
    slices: [],
    strip: [
      { t: 5 * MIN, evidence: 9, verdict: 'shifted' },
      { t: 6 * MIN, evidence: 0, verdict: 'stable' },
      { t: 7 * MIN, evidence: 9, verdict: 'shifted' },
      { t: 8 * MIN, evidence: 9, verdict: 'shifted' },
    ],
    ...overrides,
  }
}

const range = { from: 0, to: 20 * MIN }

test('an open incident tells its state, age, value and limit', () => {
  const [item] = activityOf({ incidents: [incidentOf()], signals: [], releases: [], up: [] }, range)

  expect(item).toMatchObject({ tone: 'crit', detail: 'firing 10 min, 4.82 s against 4.00 s' })
})

test('a resolved incident stands at its end', () => {
  const incident = incidentOf({ state: 'resolved', endAt: 14 * MIN })

  const [item] = activityOf({ incidents: [incident], signals: [], releases: [], up: [] }, range)

  expect(item).toMatchObject({ at: 14 * MIN, tone: 'ok', detail: 'resolved after 4 min' })
})

test('a shift stands where its last unbroken run began; a stable signal is not listed', () => {
  const stable = signalOf({ signal: 'output_length', verdict: 'stable' })

  const items = activityOf(
    { incidents: [], releases: [], signals: [signalOf(), stable], up: [] },
    range,
  )

  expect(items.map(({ at, title }) => [at, title])).toEqual([[7 * MIN, 'Input length shifted']])
})

test('a gap between two runs of the collector is told, the open end is not', () => {
  const up = [
    [0, 5 * MIN],
    [7 * MIN, 12 * MIN],
  ] as const

  const items = activityOf({ incidents: [], signals: [], releases: [], up }, range)

  expect(items.map(({ at, title }) => [at, title])).toEqual([[5 * MIN, 'No data for 2 min']])
})

test('the services that a release reaches within minutes are one roll-out', () => {
  const released = (service: string, at: number) => ({
    release: 'v14',
    service,
    environment: null,
    at,
    source: 'seen' as const,
    meta: null,
  })
  const releases = [released('digest', 8 * MIN), released('chat', 6 * MIN), released('chat', 2)]

  const items = activityOf({ incidents: [], signals: [], releases, up: [] }, range)

  expect(items).toMatchObject([{ at: 2, detail: 'first span of chat, digest seen' }])
})

test('a release is told with its service and how it is known', () => {
  const releases = [
    {
      release: 'v14',
      service: 'chat',
      environment: null,
      at: 6 * MIN,
      source: 'seen' as const,
      meta: null,
    },
  ]

  const items = activityOf({ incidents: [incidentOf()], signals: [], releases, up: [] }, range)

  expect(items[1]).toMatchObject({ title: 'Release v14', detail: 'first span of chat seen' })
})
