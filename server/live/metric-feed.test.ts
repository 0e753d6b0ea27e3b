import { expect, test } from 'vitest'
import type { MetricResult } from '../contract/index.ts'
import { DirtyMinutes } from './coalesce.ts'
import { framesOf, type FeedQuery, type MetricFeed, type MetricSource } from './metric-feed.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE

function feedOf(): MetricFeed {
  return {
    id: 'page',
    projectId: 'default',
    fromMs: NOW - 60 * MINUTE,
    entries: [{ metric: 'requests', stepMs: MINUTE, groupBy: [], filter: [] }],
    seq: 0,
    storedThrough: NOW,
    sentAtMs: NOW,
    dirty: new DirtyMinutes(),
  }
}

function sourceOf(onQuery: (queries: FeedQuery[]) => void): MetricSource {
  return {
    latenessMs: async () => 30_000,
    queryMetrics: async (queries) => {
      onQuery(queries)
      return queries.map(({ metric, stepMs }): MetricResult => ({
        metric,
        unit: '1',
        stepMs,
        storedThrough: NOW,
        source: 'rollups',
        up: [],
        series: [],
      }))
    },
  }
}

test('what is stored while a frame’s query runs is news for the next frame', async () => {
  const feed = feedOf()
  const asked: number[] = []
  const late = NOW - 30 * MINUTE
  feed.dirty.add(NOW - 20 * MINUTE)
  const source = sourceOf((queries) => {
    asked.push(...queries.map(({ range }) => range.from))
    if (asked.length === 1) feed.dirty.add(late)
  })

  await framesOf([feed], source, NOW)
  await framesOf([feed], source, NOW)

  expect(asked).toEqual([NOW - 20 * MINUTE, late])
})

test('what a failed query was to tell is told by the next frame', async () => {
  const feed = feedOf()
  const dirty = NOW - 20 * MINUTE
  feed.dirty.add(dirty)
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
  first.dirty.add(NOW)
  second.dirty.add(NOW)
  let queries = 0

  const frames = await framesOf(
    [first, second, idle],
    sourceOf((asked) => (queries += asked.length)),
    NOW,
  )

  expect(queries).toBe(1)
  expect([...frames.keys()]).toEqual([first, second])
})
