import { expect, test } from 'vitest'
import type { MetricPoint, MetricResult } from '@sightline/server/contract'
import { valueOf } from '../../charts/rows.ts'
import { windowOf } from '../../lib/window.ts'
import { overviewEntries } from './entries.ts'
import { largestGroups, overviewModel } from './overview-model.ts'

const MIN = 60_000
const NOW = Date.parse('2026-11-22T14:50:24Z')
const START = Date.parse('2026-11-22T12:00:00Z')

function pointsUntil(last: number, value: number): MetricPoint[] {
  const points: MetricPoint[] = []
  for (let t = START; t <= last; t += MIN) points.push({ t, value, n: 10, partial: t >= NOW - MIN })
  return points
}

function metricsOf(up: [number, number][] = [[START, NOW]]) {
  const entries = overviewEntries(MIN, []).map(({ metric }): MetricResult => ({
    metric,
    unit: '1',
    stepMs: MIN,
    storedThrough: NOW,
    scope: 'call',
    source: 'rollups',
    up,
    series: [{ group: {}, points: pointsUntil(NOW, 2) }],
  }))
  return { seq: 1, storedThrough: NOW, up, entries }
}

test('the partial bucket is drawn but lies outside the complete range', () => {
  const model = overviewModel(metricsOf(), windowOf({}))

  expect(model.complete.to).toBe(Date.parse('2026-11-22T14:50:00Z'))
  expect(model.rows.at(-1)?.t).toBe(model.complete.to)
  expect(model.rows).toHaveLength(61)
})

test('each row holds the value of one period earlier as a ghost', () => {
  const model = overviewModel(metricsOf(), windowOf({}))

  expect(model.previous).toEqual({ from: model.complete.from - 3_600_000, to: model.complete.from })
  expect(model.rows.every((row) => valueOf(row, 'requests@before') === 2)).toBe(true)
})

test('the revision follows the calls of the complete range, not those of the partial bucket', () => {
  const before = metricsOf()
  const late = structuredClone(before)
  const partial = structuredClone(before)
  const lateRequests = late.entries[0]?.series[0]?.points
  const partialRequests = partial.entries[0]?.series[0]?.points
  Object.assign(lateRequests?.at(-20) ?? {}, { n: 11 })
  Object.assign(partialRequests?.at(-1) ?? {}, { n: 11 })

  const revisions = [before, late, partial].map(
    (metrics) => overviewModel(metrics, windowOf({})).revision,
  )

  expect(revisions[1]).not.toBe(revisions[0])
  expect(revisions[2]).toBe(revisions[0])
})

test('a period before that no collector saw is no yardstick', () => {
  const metrics = metricsOf([[NOW - 3_600_000, NOW]])
  for (const { series } of metrics.entries) {
    for (const one of series) one.points = one.points.filter(({ t }) => t >= NOW - 3_600_000)
  }

  expect(overviewModel(metrics, windowOf({})).previousCoverage).toBeLessThan(0.1)
})

test('the largest groups stand alone, the rest is summed as others', () => {
  const series = Array.from({ length: 9 }, (_, index) => ({
    group: { model: `m-${index}` },
    points: [{ t: 0, value: 9 - index, n: 1, partial: false }],
  }))

  const groups = largestGroups(series, { from: 0, to: MIN })

  expect(groups.map(({ name, total }) => [name, total])).toEqual([
    ['m-0', 9],
    ['m-1', 8],
    ['m-2', 7],
    ['m-3', 6],
    ['m-4', 5],
    ['others', 10],
  ])
})
