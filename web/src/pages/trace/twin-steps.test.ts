import { expect, test } from 'vitest'
import { sampleSpan } from './sample-span.ts'
import { traceModelOf } from './trace-model.ts'
import { byDifference, matchedSteps } from './twin-steps.ts'

const search = (spanId: string, start: number, ms: number) =>
  sampleSpan(spanId, { parent: 'root', name: 'search', type: 'tool', start, ms })

test('steps meet those of the same name and order; the failed try stands alone', () => {
  const slow = traceModelOf([
    sampleSpan('root', { ms: 900 }),
    { ...search('failed', 10, 300), status: 'error' as const },
    search('tried-again', 320, 80),
    search('second', 500, 50),
  ])
  const fast = traceModelOf([
    sampleSpan('root', { ms: 500 }),
    search('first', 10, 70),
    search('second', 100, 50),
    sampleSpan('cache', { parent: 'root', start: 200, ms: 5 }),
  ])

  const pairs = byDifference(matchedSteps(slow, fast))

  expect(
    pairs.map(({ here, there, byMs }) => [here?.span.spanId, there?.span.spanId, byMs]),
  ).toEqual([
    ['root', 'root', 400],
    ['failed', undefined, 300],
    ['tried-again', 'first', 10],
    [undefined, 'cache', -5],
    ['second', 'second', 0],
  ])
})
