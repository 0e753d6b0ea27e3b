import { expect, test } from 'vitest'
import type { TraceSummary } from '../contract/index.ts'
import type { BusEvents } from './bus.ts'
import { createTraceTail } from './trace-tail.ts'

type StoredSpan = BusEvents['spans-stored']['spans'][number]

const PROJECT = 'default'

/** Summaries that only say which trace they are of. */
function startTail() {
  const tail = createTraceTail({
    summariseTraces: async ({ traceIds }) =>
      traceIds.map((traceId) => ({ traceId, errorCount: 0 }) as TraceSummary),
  })
  return {
    store: (traceIds: readonly string[]) =>
      tail.add({
        projectId: PROJECT,
        spans: traceIds.map((traceId) => ({ traceId, status: 'ok' }) as StoredSpan),
      } as BusEvents['spans-stored']),
    tick: async () => {
      const fresh = tail.take().get(PROJECT)
      if (fresh === undefined) return { ids: [], sampled: 1 }
      const { items, sampled } = await tail.summaries(PROJECT, fresh, [])
      return { ids: items.map(({ traceId }) => traceId), sampled }
    },
  }
}

const idsOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`)

test('ten new traces a second are shown at most, and the share is said', async () => {
  const { store, tick } = startTail()

  store(idsOf('new', 40))
  const { ids, sampled } = await tick()

  expect(ids).toHaveLength(10)
  expect(sampled).toBe(0.25)
})

test('a trace that has been shown is brought up to date however many new ones there are', async () => {
  const { store, tick } = startTail()
  store(['shown'])
  await tick()

  store([...idsOf('new', 200), 'shown'])
  const { ids, sampled } = await tick()

  expect(ids).toContain('shown')
  expect(ids).toHaveLength(11)
  expect(sampled).toBe(0.05)
})

test('more updates than one second takes come in the next', async () => {
  const { store, tick } = startTail()
  const shown = idsOf('shown', 100)
  for (let from = 0; from < shown.length; from += 10) {
    store(shown.slice(from, from + 10))
    await tick()
  }

  store(shown)
  const seconds = [await tick(), await tick(), await tick()]

  expect(seconds.flatMap(({ ids }) => ids).toSorted()).toEqual(shown.toSorted())
  expect(seconds.map(({ sampled }) => sampled)).toEqual([1, 1, 1])
})
