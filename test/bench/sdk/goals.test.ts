import { expect, test } from 'vitest'
import type { Cost } from './costs.ts'
import { judgeChunks, judgeCosts } from './goals.ts'

function cost(overrides: Partial<Cost>): Cost {
  return {
    variant: 'sightline-core',
    workload: 'embed',
    addedUs: 10,
    range: [9, 11],
    addedMainUs: 8,
    bareUs: 100,
    addedFirstChunkUs: Number.NaN,
    spansPerCall: 1,
    bytesPerCall: 500,
    callsPerRequest: 100,
    encodings: ['identity'],
    ...overrides,
  }
}

test('/core is measured by half of the cheapest rival', () => {
  const goals = judgeCosts([
    cost({ addedUs: 20 }),
    cost({ variant: 'langfuse', addedUs: 41 }),
    cost({ variant: 'openlit', addedUs: 60 }),
  ])
  expect(goals).toEqual([
    expect.objectContaining({ measured: 20, goal: 20.5, isReached: true, by: 'langfuse' }),
  ])
})

test('a rival that records nothing is no rival', () => {
  const goals = judgeCosts([
    cost({ addedUs: 20 }),
    cost({ variant: 'traceloop', addedUs: 1, spansPerCall: 0 }),
    cost({ variant: 'langfuse', addedUs: 30 }),
  ])
  expect(goals[0]).toMatchObject({ goal: 15, isReached: false, by: 'langfuse' })
})

test('a chunk costs what separates the long stream from the short one', () => {
  const goals = judgeCosts([
    cost({ workload: 'stream200', addedUs: 100, addedFirstChunkUs: 40 }),
    cost({ workload: 'stream2000', addedUs: 460 }),
  ])
  expect(goals.map(({ measured }) => measured)).toEqual([0.2, 0.04])
})

test('a chunk by itself has the same goal, and so has the first', () => {
  const goals = judgeChunks([{ variant: 'sightline-core', addedUs: 0.2, addedFirstUs: 51 }])
  expect(goals.map(({ measured, isReached }) => [measured, isReached])).toEqual([
    [0.2, true],
    [0.051, false],
  ])
})
