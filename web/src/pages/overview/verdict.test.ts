import { expect, test } from 'vitest'
import type { Incident, Release, Rule } from '@sightline/server/contract'
import { incidentFilter, incidentRanges, incidentVerdict, worstIncident } from './verdict.ts'

const MIN = 60_000
const START = Date.parse('2026-11-22T14:37:20Z')

function incidentOf(overrides: Partial<Incident> = {}): Incident {
  return {
    id: 'inc_1',
    ruleId: 'r_1',
    ruleName: 'p95 of chat',
    group: {},
    severity: 'critical',
    state: 'firing',
    startAt: START,
    endAt: null,
    value: 4_700,
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

function ruleOf(condition: Partial<Rule['condition']> = {}, groups: Rule['state']['groups'] = []) {
  return {
    id: 'r_1',
    name: 'p95 of chat',
    version: 1,
    createdAt: 0,
    enabled: true,
    severity: 'critical',
    forMs: 2 * MIN,
    keepFiringMs: 0,
    onNoData: 'hold',
    onError: 'hold',
    channels: [],
    condition: {
      kind: 'threshold',
      metric: 'latency_p95',
      scope: 'call',
      op: 'gt',
      critical: 4_000,
      filter: [],
      groupBy: [],
      windowMs: 5 * MIN,
      stepMs: MIN,
      delayMs: 'auto',
      minSamples: 20,
      ...condition,
    },
    state: { groups },
  } satisfies Rule
}

const releaseAt = (at: number, overrides: Partial<Release> = {}): Release => ({
  release: `v-${at}`,
  service: null,
  environment: null,
  at,
  source: 'seen',
  meta: null,
  ...overrides,
})

const verdictOf = (incident: Incident, rule: Rule | undefined, releases: Release[] = []) =>
  incidentVerdict({ incident, rule, releases, now: START + 13 * MIN })

test('the most severe open incident comes first, among equals the oldest', () => {
  const incidents = [
    incidentOf({ id: 'warning', severity: 'warning', startAt: 1 }),
    incidentOf({ id: 'younger', startAt: 9 }),
    incidentOf({ id: 'older', startAt: 5 }),
    incidentOf({ id: 'over', startAt: 0, state: 'resolved' }),
  ]

  const worst = worstIncident(incidents)

  expect(worst?.incident.id).toBe('older')
  expect(worst?.more).toBe(2)
  expect(worstIncident([incidentOf({ state: 'resolved' })])).toBeNull()
})

test('an incident is told with its value, its limit and since when', () => {
  expect(verdictOf(incidentOf(), ruleOf())).toMatchObject({
    tone: 'crit',
    badge: 'Degraded',
    headline: 'p95 latency is 4.70 s, over its 4.0 s limit for 13 min.',
  })
})

test('the value told is the newest that the rule has seen for the group', () => {
  const group = { model: 'gpt-5-mini' }
  const state = { state: 'firing', health: 'fresh', n: 90, since: START, lastTick: START } as const
  const rule = ruleOf({ groupBy: ['model'] }, [
    { ...state, group: { model: 'other' }, value: 9_000 },
    { ...state, group, value: 4_820 },
  ])

  expect(verdictOf(incidentOf({ group }), rule).headline).toBe(
    'p95 latency of gpt-5-mini is 4.82 s, over its 4.0 s limit for 13 min.',
  )
})

test('a limit from below is undercut, a filter is said, and rates are per cent', () => {
  const incident = incidentOf({ unit: 'ratio', value: 0.2, threshold: 0.5, severity: 'warning' })
  const rule = ruleOf({ metric: 'cache_hit_rate', op: 'lt', filter: ['service:eq:chat'] })

  expect(verdictOf(incident, rule)).toMatchObject({
    tone: 'warn',
    headline: 'cache hit rate where service is chat is 20.00%, under its 50.0% limit for 13 min.',
  })
})

test('without its rule an incident still has a name', () => {
  expect(verdictOf(incidentOf(), undefined).headline).toBe(
    'p95 of chat is 4.70 s, over its 4.0 s limit for 13 min.',
  )
})

test('a recovering incident is no longer over its limit', () => {
  const verdict = verdictOf(incidentOf({ state: 'recovering', value: 2_000 }), ruleOf())

  expect(verdict).toMatchObject({
    tone: 'warn',
    badge: 'Recovering',
    headline: 'p95 latency is 2.00 s, recovering; it went over its 4.0 s limit 13 min ago.',
  })
})

test('the last release within half an hour before the start is named', () => {
  const releases = [
    releaseAt(START - 31 * MIN),
    releaseAt(START - 20 * MIN),
    releaseAt(START - 5 * MIN),
    releaseAt(START + MIN),
  ]

  expect(verdictOf(incidentOf(), ruleOf(), releases).release).toEqual({
    name: `v-${START - 5 * MIN}`,
    text: 'It rose 5 min after release',
  })
  expect(verdictOf(incidentOf(), ruleOf(), releases.slice(0, 1)).release).toBeNull()
})

test('a release of another service than the rule watches is not named', () => {
  const other = [releaseAt(START - MIN, { service: 'search' })]

  expect(verdictOf(incidentOf(), ruleOf({ filter: ['service:eq:chat'] }), other).release).toBeNull()
  expect(verdictOf(incidentOf(), ruleOf(), other).release).not.toBeNull()
})

test('an incident is explained from what its rule waited for, against as much before', () => {
  const { from, to, baselineFrom, baselineTo } = incidentRanges(
    incidentOf(),
    ruleOf(),
    START + 13 * MIN,
  )

  expect(new Date(from).toISOString()).toBe('2026-11-22T14:30:00.000Z')
  expect(new Date(to).toISOString()).toBe('2026-11-22T14:50:00.000Z')
  expect([baselineFrom, baselineTo]).toEqual([from - 20 * MIN, from])
})

test('a long incident is explained by its first six hours', () => {
  const { from, to } = incidentRanges(incidentOf(), ruleOf(), START + 3 * 86_400_000)

  expect(to - from).toBe(6 * 3_600_000)
})

test('the traces of an incident are those of its rule and its group', () => {
  const incident = incidentOf({ group: { model: 'gpt-5-mini', provider: null } })

  expect(incidentFilter(incident, ruleOf({ filter: ['service:eq:chat'] }))).toEqual([
    'service:eq:chat',
    'model:eq:gpt-5-mini',
  ])
})
