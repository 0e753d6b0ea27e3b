import { expect, test } from 'vitest'
import { SpanQueue } from './span-queue.ts'

function drain<T>(queue: SpanQueue<T>): T[] {
  const items: T[] = []
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item)
  return items
}

test('items come out in the order they went in', () => {
  const queue = new SpanQueue<number>({ maxItems: 100, maxBytes: 1_000 })
  for (let n = 0; n < 6; n++) queue.push(n, 10)

  expect(queue.bytes).toBe(60)
  expect(drain(queue)).toEqual([0, 1, 2, 3, 4, 5])
  expect([queue.bytes, queue.size, queue.shift()]).toEqual([0, 0, undefined])
})

test('too many items push out the oldest, and the number is told', () => {
  const queue = new SpanQueue<number>({ maxItems: 3, maxBytes: 1_000 })
  const pushedOut = [1, 2, 3, 4, 5].map((n) => queue.push(n, 1))

  expect(pushedOut).toEqual([0, 0, 0, 1, 1])
  expect(drain(queue)).toEqual([3, 4, 5])
})

test('too many bytes push out as many of the oldest as it takes', () => {
  const queue = new SpanQueue<string>({ maxItems: 100, maxBytes: 100 })
  for (const name of ['a', 'b', 'c']) queue.push(name, 30)

  expect(queue.push('d', 70)).toBe(2)
  expect(drain(queue)).toEqual(['c', 'd'])
})

test('an item larger than the queue is dropped itself, and no other for it', () => {
  const queue = new SpanQueue<string>({ maxItems: 100, maxBytes: 100 })
  queue.push('small', 1)

  expect(queue.push('huge', 101)).toBe(1)
  expect(drain(queue)).toEqual(['small'])
})

test('long use in a steady state keeps the order and the count', () => {
  const queue = new SpanQueue<number>({ maxItems: 3_000, maxBytes: 1_000_000 })
  const taken: number[] = []
  for (let n = 0; n < 20_000; n++) {
    queue.push(n, 1)
    if (n % 100 === 99) taken.push(...drain(queue))
  }

  expect(taken).toEqual(Array.from({ length: 20_000 }, (_, n) => n))
  expect(queue.size).toBe(0)
})
