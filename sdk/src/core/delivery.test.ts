import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Delivery } from './delivery.ts'
import type { DeliveryOptions, SendResult } from './delivery.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

type Sent = { items: string[]; dropped: number }

/** A delivery whose collector answers as told; 'down' is a network that fails. */
function deliveryOf(
  answers: (SendResult | 'down')[] = [],
  options: Partial<DeliveryOptions<string>> = {},
) {
  const sent: Sent[] = []
  const drops: [number, string][] = []
  const delivery = new Delivery<string>({
    encode: (items, dropped) => new TextEncoder().encode(JSON.stringify({ items, dropped })),
    sizeOf: (item) => item.length,
    onDrop: (count, why) => drops.push([count, why]),
    queue: { maxItems: 5, maxBytes: 1_000 },
    batch: { maxItems: 2, maxBytes: 100 },
    flushEveryMs: 500,
    retryForMs: 300_000,
    transport: {
      send: async (body) => {
        sent.push(JSON.parse(new TextDecoder().decode(body)) as Sent)
        const answer = answers.shift() ?? { status: 200 }
        if (answer === 'down') throw new Error('no network')
        return answer
      },
      close: () => undefined,
    },
    ...options,
  })
  return { delivery, sent, drops }
}

test('spans wait for half a second and then go in batches, in order', async () => {
  const { delivery, sent } = deliveryOf()
  for (const item of ['a', 'b', 'c']) delivery.add(item)

  await vi.advanceTimersByTimeAsync(499)
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(1)

  expect(sent.map(({ items }) => items)).toEqual([['a', 'b'], ['c']])
  expect(delivery.pending).toBe(0)
})

test('a full batch does not wait', async () => {
  const { delivery, sent } = deliveryOf()

  delivery.add('x'.repeat(100))
  await vi.advanceTimersByTimeAsync(0)

  expect(sent).toHaveLength(1)
})

test('a collector away is asked again and again, later each time, until it is back', async () => {
  const { delivery, sent, drops } = deliveryOf(['down', 'down', { status: 503 }])
  delivery.add('a')

  await vi.advanceTimersByTimeAsync(500)
  expect(sent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(500 + 1_000 + 2_000)

  expect(sent.map(({ items }) => items)).toEqual([['a'], ['a'], ['a'], ['a']])
  expect([delivery.pending, drops]).toEqual([0, []])
})

test('Retry-After is kept to', async () => {
  const { delivery, sent } = deliveryOf([{ status: 429, retryAfterMs: 20_000 }])
  delivery.add('a')

  await vi.advanceTimersByTimeAsync(500 + 19_999)
  expect(sent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)

  expect(sent).toHaveLength(2)
})

test('after five minutes a batch is given up, and the count travels with the next', async () => {
  const answers = Array.from({ length: 1_000 }, () => 'down' as const)
  const { delivery, sent, drops } = deliveryOf(answers)
  delivery.add('a')

  await vi.advanceTimersByTimeAsync(301_000)
  expect(drops).toEqual([[1, 'the collector cannot be reached']])
  answers.length = 0
  delivery.add('b')
  await vi.advanceTimersByTimeAsync(500)

  expect(sent.at(-1)).toEqual({ items: ['b'], dropped: 1 })
})

test('a batch refused for good is not offered again', async () => {
  const { delivery, sent, drops } = deliveryOf([{ status: 401 }])
  delivery.add('a')

  await vi.advanceTimersByTimeAsync(60_000)

  expect(sent).toHaveLength(1)
  expect(drops).toEqual([[1, 'the collector answered 401']])
})

test('the queue keeps the newest while the collector is away', async () => {
  const { delivery, sent, drops } = deliveryOf([{ status: 503, retryAfterMs: 10_000 }])
  for (let n = 0; n < 2; n++) delivery.add(`first ${n}`)
  await vi.advanceTimersByTimeAsync(500)
  for (let n = 0; n < 8; n++) delivery.add(`item ${n}`)

  await vi.advanceTimersByTimeAsync(10_000)

  expect(drops.reduce((sum, [count]) => sum + count, 0)).toBe(3)
  expect(delivery.dropped).toBe(3)
  expect(sent.slice(1).flatMap(({ items }) => items)).toEqual([
    'first 0',
    'first 1',
    'item 3',
    'item 4',
    'item 5',
    'item 6',
    'item 7',
  ])
})

test('flush does not wait out what the collector asked for, and tells whether all arrived', async () => {
  const { delivery, sent } = deliveryOf([{ status: 429, retryAfterMs: 60_000 }])
  delivery.add('a')
  await vi.advanceTimersByTimeAsync(500)

  const flushed = delivery.flush(1_000)
  await vi.advanceTimersByTimeAsync(0)

  expect(await flushed).toBe(true)
  expect(sent).toHaveLength(2)
})

test('flush ends in time when the collector does not take it', async () => {
  const { delivery } = deliveryOf([], {
    transport: { send: async () => new Promise(() => undefined), close: () => undefined },
  })
  delivery.add('a')

  const flushed = delivery.flush(1_000)
  await vi.advanceTimersByTimeAsync(1_000)

  expect(await flushed).toBe(false)
  expect(delivery.discard('the end')).toBe(1)
  expect(delivery.dropped).toBe(1)
})

test('a batch that cannot be encoded does not stop the next', async () => {
  let isFirst = true
  const { delivery, drops } = deliveryOf([], {
    encode: () => {
      if (!isFirst) return new TextEncoder().encode('{}')
      isFirst = false
      throw new Error('no')
    },
  })
  for (const item of ['a', 'b', 'c']) delivery.add(item)

  await vi.advanceTimersByTimeAsync(500)

  expect(drops).toEqual([[2, 'a span cannot be encoded']])
  expect(delivery.pending).toBe(0)
})

test('a callback that throws changes nothing', async () => {
  const { delivery } = deliveryOf([{ status: 400 }], {
    onDrop: () => {
      throw new Error('the application failed')
    },
  })
  delivery.add('a')

  await vi.advanceTimersByTimeAsync(500)

  expect([delivery.pending, delivery.dropped]).toEqual([0, 1])
})

test('once closed, spans are counted as dropped', () => {
  const { delivery, drops } = deliveryOf()
  delivery.close()
  delivery.add('late')

  expect(drops).toEqual([[1, 'the SDK is shut down']])
})
