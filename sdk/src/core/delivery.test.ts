import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Delivery } from './delivery.ts'
import type { DeliveryOptions, SendResult } from './delivery.ts'
import type { Batch } from './encode-batch.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

type Sent = { items: string[]; dropped: number }

const MAX_ITEMS = 2

/** Batches of two, as JSON. */
function jsonEncoder(): DeliveryOptions<string>['encoder'] {
  let items: string[] = []
  const batchOf = (taken: string[]): Batch => ({
    count: taken.length,
    body: (dropped) => new TextEncoder().encode(JSON.stringify({ items: taken, dropped })),
    halves: () => [
      batchOf(taken.slice(0, taken.length >> 1)),
      batchOf(taken.slice(taken.length >> 1)),
    ],
  })
  return {
    get count() {
      return items.length
    },
    get isFull() {
      return items.length >= MAX_ITEMS
    },
    add: (item) => {
      if (item === 'unencodable') throw new Error('no')
      if (item !== 'slow') return void items.push(item)
      return Promise.resolve().then(() => void items.push(item))
    },
    take: () => {
      if (items.length === 0) return undefined
      const taken = items
      items = []
      return batchOf(taken)
    },
    clear: () => {
      items = []
    },
  }
}

/** A delivery whose collector answers as told; 'down' is a network that fails. */
function deliveryOf(
  answers: (SendResult | 'down' | ((sent: Sent) => SendResult))[] = [],
  options: Partial<DeliveryOptions<string>> = {},
) {
  const sent: Sent[] = []
  const drops: [number, string][] = []
  const refusals: number[] = []
  const delivery = new Delivery<string>({
    encoder: jsonEncoder(),
    onDrop: (count, why) => drops.push([count, why]),
    onRefusedKey: (status) => refusals.push(status),
    tellsDropped: true,
    queue: { maxItems: 5, maxBytes: 1_000 },
    startAtBytes: 100,
    encodeAtBytes: 50,
    flushEveryMs: 500,
    retryForMs: 300_000,
    transport: {
      send: async (body) => {
        const request = JSON.parse(new TextDecoder().decode(body)) as Sent
        sent.push(request)
        const answer = answers.shift() ?? { status: 200 }
        if (answer === 'down') throw new Error('no network')
        return typeof answer === 'function' ? answer(request) : answer
      },
      close: () => undefined,
    },
    ...options,
  })
  const add = (...items: string[]) => {
    for (const item of items) delivery.add(item, item.length)
  }
  return { delivery, add, sent, drops, refusals }
}

test('records wait for half a second and then go in batches, in order', async () => {
  const { delivery, add, sent } = deliveryOf()
  add('a', 'b', 'c')

  await vi.advanceTimersByTimeAsync(499)
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(1)

  expect(sent.map(({ items }) => items)).toEqual([['a', 'b'], ['c']])
  expect(delivery.pending).toBe(0)
})

test('what comes while a request is under way waits for its own half second', async () => {
  const first = Promise.withResolvers<SendResult>()
  const requests: number[] = []
  const { delivery, add } = deliveryOf([], {
    transport: {
      send: async () => {
        requests.push(performance.now())
        return requests.length === 1 ? first.promise : { status: 200 }
      },
      close: () => undefined,
    },
  })
  add('a')
  await vi.advanceTimersByTimeAsync(500)
  add('b')
  first.resolve({ status: 200 })

  await vi.advanceTimersByTimeAsync(499)
  expect(requests).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)

  expect(requests).toHaveLength(2)
  expect(delivery.pending).toBe(0)
})

test('many bytes do not wait', async () => {
  const { add, sent } = deliveryOf()

  add('x'.repeat(100))
  await vi.advanceTimersByTimeAsync(0)

  expect(sent).toHaveLength(1)
})

test('a collector away is asked again and again, later each time, until it is back', async () => {
  const { delivery, add, sent, drops } = deliveryOf(['down', 'down', { status: 503 }])
  add('a')

  await vi.advanceTimersByTimeAsync(500)
  expect(sent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(500 + 1_000 + 2_000)

  expect(sent.map(({ items }) => items)).toEqual([['a'], ['a'], ['a'], ['a']])
  expect([delivery.pending, drops]).toEqual([0, []])
})

test('Retry-After is kept to', async () => {
  const { add, sent } = deliveryOf([{ status: 429, retryAfterMs: 20_000 }])
  add('a')

  await vi.advanceTimersByTimeAsync(500 + 19_999)
  expect(sent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)

  expect(sent).toHaveLength(2)
})

test('after five minutes a batch is given up, and the count travels with the next', async () => {
  const answers = Array.from({ length: 1_000 }, () => 'down' as const)
  const { add, sent, drops } = deliveryOf(answers)
  add('a')

  await vi.advanceTimersByTimeAsync(301_000)
  expect(drops).toEqual([[1, 'the collector cannot be reached']])
  answers.length = 0
  add('b')
  await vi.advanceTimersByTimeAsync(500)

  expect(sent.at(-1)).toEqual({ items: ['b'], dropped: 1 })
})

test('a batch refused for good is not offered again', async () => {
  const { add, sent, drops } = deliveryOf([{ status: 400 }])
  add('a')

  await vi.advanceTimersByTimeAsync(60_000)

  expect(sent).toHaveLength(1)
  expect(drops).toEqual([[1, 'the collector answered 400']])
})

test('a batch too large is halved until it fits; what is too large alone is dropped', async () => {
  const refuseLarge = ({ items }: Sent) => ({
    status: items.length > 1 || items.includes('large') ? 413 : 200,
  })
  const { delivery, add, sent, drops } = deliveryOf(Array.from({ length: 9 }, () => refuseLarge))
  add('a', 'b', 'large', 'c')

  expect(await delivery.flush(1_000)).toBe(false)

  expect(sent.map(({ items }) => items)).toEqual([
    ['a', 'b'],
    ['a'],
    ['b'],
    ['large', 'c'],
    ['large'],
    ['c'],
  ])
  expect(drops).toEqual([[1, 'the collector answered 413']])
  expect([delivery.pending, delivery.dropped]).toEqual([0, 1])
})

test.each([401, 403])(
  'records wait for a key that is refused with %s, which is told once',
  async (status) => {
    const { delivery, add, sent, drops, refusals } = deliveryOf([
      { status },
      { status },
      { status },
    ])
    add('a')

    await vi.advanceTimersByTimeAsync(500)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(60_000)

    expect(sent).toHaveLength(4)
    expect([delivery.pending, drops, refusals]).toEqual([0, [], [status]])
  },
)

test('a key that stays refused gives the batch up after five minutes', async () => {
  const { add, drops, refusals } = deliveryOf(Array.from({ length: 100 }, () => ({ status: 401 })))
  add('a')

  await vi.advanceTimersByTimeAsync(301_000)

  expect(drops).toEqual([[1, 'the collector keeps answering 401']])
  expect(refusals).toEqual([401])
})

test('flush does not wait for a key that is refused', async () => {
  const { delivery, add } = deliveryOf([{ status: 401 }, { status: 401 }])
  add('a')

  expect(await delivery.flush(10_000)).toBe(false)
  expect(delivery.pending).toBe(1)
})

test('what the collector refused of a batch is told, but not counted: it counts that itself', async () => {
  const { delivery, add, sent, drops } = deliveryOf([{ status: 200, rejected: 1 }])
  add('a', 'b')
  await delivery.flush(1_000)
  add('c')
  await delivery.flush(1_000)

  expect(drops).toEqual([[1, 'the collector refused them']])
  expect(sent.at(-1)).toEqual({ items: ['c'], dropped: 0 })
})

test('the queue keeps the newest while the collector is away', async () => {
  const { delivery, add, sent, drops } = deliveryOf([{ status: 503, retryAfterMs: 10_000 }])
  add('first 0', 'first 1')
  await vi.advanceTimersByTimeAsync(500)
  for (let n = 0; n < 8; n++) add(`item ${n}`)

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
  // The count goes with the very next request, also where that is a second attempt.
  expect(sent.map(({ dropped }) => dropped)).toEqual([0, 3, 3, 3, 3])
})

test('flush does not wait out what the collector asked for, and tells whether all arrived', async () => {
  const { delivery, add, sent } = deliveryOf([{ status: 429, retryAfterMs: 60_000 }])
  add('a')
  await vi.advanceTimersByTimeAsync(500)

  const flushed = delivery.flush(1_000)
  await vi.advanceTimersByTimeAsync(0)

  expect(await flushed).toBe(true)
  expect(sent).toHaveLength(2)
})

test.each([401, 429])(
  'flush tries once more at once when the request under way is answered %s',
  async (status) => {
    const first = Promise.withResolvers<SendResult>()
    let requests = 0
    const { delivery, add } = deliveryOf([], {
      transport: {
        send: async () => (++requests === 1 ? first.promise : { status: 200 }),
        close: () => undefined,
      },
    })
    add('a')
    await vi.advanceTimersByTimeAsync(500)

    const flushed = delivery.flush(1_000)
    first.resolve({ status, retryAfterMs: 60_000 })

    expect(await flushed).toBe(true)
    expect(requests).toBe(2)
  },
)

test('flush says no when something was given up on the way', async () => {
  const { delivery, add } = deliveryOf([{ status: 400 }])
  add('a')

  expect(await delivery.flush(1_000)).toBe(false)
})

test('flush ends in time when the collector does not take it', async () => {
  const { delivery, add, drops } = deliveryOf([], {
    transport: { send: async () => new Promise(() => undefined), close: () => undefined },
  })
  add('a', 'b', 'c')

  const flushed = delivery.flush(1_000)
  await vi.advanceTimersByTimeAsync(1_000)

  expect(await flushed).toBe(false)
  expect(delivery.discard('the end')).toBe(3)
  expect([delivery.pending, delivery.dropped, drops]).toEqual([0, 3, [[3, 'the end']]])
})

test('an answer that comes after everything was given up changes no count', async () => {
  const { promise, resolve } = Promise.withResolvers<SendResult>()
  const { delivery, add } = deliveryOf([], {
    transport: { send: async () => promise, close: () => undefined },
  })
  add('a')
  await vi.advanceTimersByTimeAsync(500)
  delivery.discard('the end')

  resolve({ status: 200 })
  await vi.advanceTimersByTimeAsync(0)

  expect([delivery.pending, delivery.dropped]).toEqual([0, 1])
})

test('a record that cannot be encoded does not stop the others', async () => {
  const { delivery, add, sent, drops } = deliveryOf()
  add('a', 'unencodable', 'c')

  await vi.advanceTimersByTimeAsync(500)

  expect(sent.map(({ items }) => items)).toEqual([['a', 'c']])
  expect(drops).toEqual([[1, 'it could not be encoded']])
  expect(delivery.pending).toBe(0)
})

test('a record whose content takes its time keeps its place, and counts as pending', async () => {
  const { delivery, add, sent } = deliveryOf()
  add('slow', 'b')

  const flushed = delivery.flush(1_000)
  expect(delivery.pending).toBe(2)

  expect(await flushed).toBe(true)
  expect(sent.map(({ items }) => items)).toEqual([['slow', 'b']])
})

test('a record given up while its content is waited for is not sent afterwards', async () => {
  const { delivery, add, sent } = deliveryOf()
  add('slow', 'b')
  const flushed = delivery.flush(1_000)

  expect(delivery.discard('the end')).toBe(2)
  expect(await flushed).toBe(false)
  add('c')
  await delivery.flush(1_000)

  expect(sent.map(({ items }) => items)).toEqual([['c']])
  expect([delivery.pending, delivery.dropped]).toEqual([0, 2])
})

test('a callback that throws changes nothing', async () => {
  const { delivery, add } = deliveryOf([{ status: 400 }], {
    onDrop: () => {
      throw new Error('the application failed')
    },
  })
  add('a')

  await vi.advanceTimersByTimeAsync(500)

  expect([delivery.pending, delivery.dropped]).toEqual([0, 1])
})

test('once closed, records are counted as dropped', () => {
  const { delivery, add, drops } = deliveryOf()
  delivery.close()
  add('late')

  expect(drops).toEqual([[1, 'the SDK is shut down']])
})

test('a long queue is encoded in slices, between which the application runs', async () => {
  vi.useRealTimers()
  const { delivery, add } = deliveryOf([], {
    queue: { maxItems: 100, maxBytes: 10_000 },
    encoder: slowEncoder(),
  })
  for (let n = 0; n < 60; n++) add(`item ${n}`)
  let turns = 0
  const turn = () => {
    turns += 1
    if (delivery.pending > 0) setImmediate(turn)
  }
  setImmediate(turn)

  expect(await delivery.flush(10_000)).toBe(true)

  // 60 records of a millisecond each: at most three or four of them between two turns.
  expect(turns).toBeGreaterThanOrEqual(12)
})

/** One batch for everything, a millisecond of work for each record. */
function slowEncoder(): DeliveryOptions<string>['encoder'] {
  const encoder = jsonEncoder()
  return {
    get count() {
      return encoder.count
    },
    isFull: false,
    add: (item) => {
      const endMs = performance.now() + 1
      while (performance.now() < endMs);
      return encoder.add(item)
    },
    take: () => encoder.take(),
    clear: () => encoder.clear(),
  }
}
