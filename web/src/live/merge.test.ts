import { expect, test } from 'vitest'
import type { LiveUpdate, MetricResult } from '@sightline/server/contract'
import { fromSnapshot, mergeUpdate, unionOf, type LiveMetrics } from './merge.ts'

const MIN = 60_000

function resultOf(overrides: Partial<MetricResult> = {}): MetricResult {
  return {
    metric: 'requests',
    unit: '1',
    stepMs: MIN,
    storedThrough: 3 * MIN,
    scope: 'call',
    source: 'rollups',
    up: [[0, 3 * MIN]],
    series: [{ group: {}, points: [{ t: MIN, value: 4, n: 4, partial: true }] }],
    ...overrides,
  }
}

function updateOf(overrides: Partial<LiveUpdate> = {}): LiveUpdate {
  return {
    id: 'metrics-1',
    seq: 8,
    storedThrough: 4 * MIN,
    up: [[3 * MIN, 4 * MIN]],
    series: [
      {
        metric: 'requests',
        entry: 0,
        group: {},
        points: [{ t: MIN, value: 5, n: 5, partial: false }],
      },
    ],
    ...overrides,
  }
}

function merged(metrics: LiveMetrics, update: LiveUpdate, keepFrom = 0): LiveMetrics {
  const result = mergeUpdate(metrics, update, keepFrom)
  if (result.status !== 'merged') throw new Error('expected a merge, saw a gap')
  return result.metrics
}

const start = fromSnapshot({ ok: true, seq: 7, snapshot: [resultOf()] })

test('a point with a known time replaces the earlier one', () => {
  const after = merged(start, updateOf())

  expect(after.entries[0]?.series[0]?.points).toEqual([{ t: MIN, value: 5, n: 5, partial: false }])
  expect(after.storedThrough).toBe(4 * MIN)
})

test('a late point is sorted into its place', () => {
  const late = updateOf({
    series: [
      {
        metric: 'requests',
        entry: 0,
        group: {},
        points: [{ t: 0, value: 1, n: 1, partial: false }],
      },
    ],
  })

  const after = merged(start, late)

  expect(after.entries[0]?.series[0]?.points.map((point) => point.t)).toEqual([0, MIN])
})

test('a group that was not in the snapshot is added', () => {
  const update = updateOf({
    series: [
      { metric: 'requests', entry: 0, group: { model: 'm-2' }, points: [] },
      { metric: 'requests', entry: 0, group: { model: 'm-1' }, points: [] },
    ],
  })

  const after = merged(start, update)

  expect(after.entries[0]?.series.map((series) => series.group)).toEqual([
    {},
    { model: 'm-2' },
    { model: 'm-1' },
  ])
})

test('a missing seq is a gap, so is one that came twice', () => {
  expect(mergeUpdate(start, updateOf({ seq: 9 })).status).toBe('gap')
  expect(mergeUpdate(start, updateOf({ seq: 7 })).status).toBe('gap')
})

test('an entry without news keeps its identity, so that its chart is not drawn again', () => {
  const two = fromSnapshot({ ok: true, seq: 7, snapshot: [resultOf(), resultOf()] })

  const after = merged(two, updateOf())

  expect(after.entries[1]).toBe(two.entries[1])
})

test('points that left the window are dropped', () => {
  const after = merged(start, updateOf(), 2 * MIN)

  expect(after.entries[0]?.series[0]?.points).toEqual([])
})

test('touching intervals become one, parted ones stay apart', () => {
  expect(
    unionOf([
      [5, 7],
      [0, 2],
      [2, 3],
    ]),
  ).toEqual([
    [0, 3],
    [5, 7],
  ])
})
