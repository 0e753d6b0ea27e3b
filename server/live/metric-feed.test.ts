import { expect, test } from 'vitest'
import type { MetricResult } from '../contract/index.ts'
import {
  framesOf,
  nothingDirty,
  type FeedQuery,
  type MetricFeed,
  type MetricSource,
} from './metric-feed.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE

function feedOf(): MetricFeed {
  return {
    id: 'page',
    projectId: 'default',
    fromMs: NOW - 60 * MINUTE,
    entries: [{ metric: 'requests', stepMs: MINUTE, groupBy: [], filter: [], scope: 'call' }],
    seq: 0,
    storedThrough: NOW,
    sentAtMs: NOW,
    dirty: nothingDirty(),
    scoresReadAtMs: null,
    sent: new Map(),
  }
}

function sourceOf(
  onQuery: (queries: FeedQuery[]) => void,
  seriesOf: () => MetricResult['series'] = () => [],
): MetricSource {
  return {
    latenessMs: async () => 30_000,
    scoreNews: async () => ({ minutesMs: [], readAtMs: NOW }),
    queryMetrics: async (queries) => {
      onQuery(queries)
      return queries.map(({ metric, stepMs, scope }): MetricResult => ({
        metric,
        unit: '1',
        stepMs,
        storedThrough: NOW,
        scope,
        source: 'rollups',
        up: [],
        series: seriesOf(),
      }))
    },
  }
}

test('what is stored while a frame’s query runs is news for the next frame', async () => {
  const feed = feedOf()
  const asked: number[] = []
  const late = NOW - 30 * MINUTE
  feed.dirty.call.add(NOW - 20 * MINUTE)
  const source = sourceOf((queries) => {
    asked.push(...queries.map(({ range }) => range.from))
    if (asked.length === 1) feed.dirty.call.add(late)
  })

  await framesOf([feed], source, NOW)
  await framesOf([feed], source, NOW)

  expect(asked).toEqual([NOW - 20 * MINUTE, late])
})

test('what a failed query was to tell is told by the next frame', async () => {
  const feed = feedOf()
  const dirty = NOW - 20 * MINUTE
  feed.dirty.call.add(dirty)
  const failing = {
    ...sourceOf(() => undefined),
    queryMetrics: () => Promise.reject(new Error('down')),
  }
  const asked: number[] = []

  await expect(framesOf([feed], failing, NOW)).rejects.toThrow('down')
  const frames = await framesOf(
    [feed],
    sourceOf((queries) => asked.push(...queries.map(({ range }) => range.from))),
    NOW,
  )

  expect(asked).toEqual([dirty])
  expect(frames.get(feed)?.seq).toBe(1)
})

test('feeds that ask the same share one query, and a feed without news gets no frame', async () => {
  const [first, second, idle] = [feedOf(), feedOf(), feedOf()]
  first.dirty.call.add(NOW)
  second.dirty.call.add(NOW)
  let queries = 0

  const frames = await framesOf(
    [first, second, idle],
    sourceOf((asked) => (queries += asked.length)),
    NOW,
  )

  expect(queries).toBe(1)
  expect([...frames.keys()]).toEqual([first, second])
})

test('news of whole traces is asked by entries of traces alone', async () => {
  const feed = feedOf()
  const [calls] = feed.entries
  if (calls === undefined) throw new Error('the feed has an entry')
  feed.entries.push({ ...calls, scope: 'trace' })
  feed.dirty.call.add(NOW - 20 * MINUTE)
  feed.dirty.trace.add(NOW - 30 * MINUTE)
  const asked: unknown[] = []

  await framesOf(
    [feed],
    sourceOf((queries) => asked.push(...queries.map(({ scope, range }) => [scope, range.from]))),
    NOW,
  )

  expect(asked).toEqual([
    ['call', NOW - 20 * MINUTE],
    ['trace', NOW - 30 * MINUTE],
  ])
})

test('a bucket that a trace has left is told to the page as empty, once', async () => {
  const feed = feedOf()
  feed.entries = feed.entries.map((entry) => ({ ...entry, scope: 'trace' }))
  const minute = NOW - 20 * MINUTE
  const point = { t: minute, value: 1, n: 1, partial: true }
  const answers: MetricResult['series'][] = [[{ group: {}, points: [point] }], [], []]
  const source = sourceOf(
    () => undefined,
    () => answers.shift() ?? [],
  )

  const told: unknown[] = []
  for (let frame = 0; frame < 3; frame += 1) {
    feed.dirty.trace.add(minute)
    told.push((await framesOf([feed], source, NOW)).get(feed)?.series)
  }

  expect(told).toMatchObject([
    [{ points: [point] }],
    [{ points: [{ ...point, value: 0, n: 0 }] }],
    [],
  ])
})

test('a call that turns out to be another one’s leaves an empty point behind', async () => {
  const feed = feedOf()
  const t = NOW - 2 * MINUTE
  const point = { t, value: 1, n: 1, partial: false }
  let series: MetricResult['series'] = [{ group: {}, points: [point] }]
  const source = sourceOf(
    () => undefined,
    () => series,
  )
  feed.dirty.call.add(t)
  await framesOf([feed], source, NOW)
  series = []
  feed.dirty.call.add(t)

  const frames = await framesOf([feed], source, NOW)

  expect(frames.get(feed)?.series).toMatchObject([
    { group: {}, points: [{ t, value: 0, n: 0, partial: true }] },
  ])
})
