import type { Attributes } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { BatchEncoder } from './encode-batch.ts'
import type { Batch } from './encode-batch.ts'
import type { Scope } from './span-record.ts'

const resource: Attributes = { 'service.name': 'test' }
const scope: Scope = { name: 'sightline' }
const MAX_BYTES = 2_000

function encoderOf(...texts: string[]): BatchEncoder {
  const encoder = new BatchEncoder(MAX_BYTES)
  addTo(encoder, ...texts)
  return encoder
}

/** Records are texts here: a message's only field. */
function addTo(encoder: BatchEncoder, ...texts: string[]): void {
  for (const text of texts) encoder.add({ resource, scope }, (writer) => writer.text(0x12, text))
}

function taken(encoder: BatchEncoder): Batch {
  const batch = encoder.take()
  if (batch === undefined) throw new Error('the encoder has no batch')
  return batch
}

/** The texts in a body, in order; each stands between angle brackets. */
function textsIn(body: Uint8Array): string[] {
  return Buffer.from(body).toString('latin1').match(/<\w+>/g) ?? []
}

const text = (name: string, length: number) => `<${name}${'x'.repeat(length - name.length - 2)}>`
const names = (body: Uint8Array) => textsIn(body).map((item) => item.slice(1, 2))

test('a batch is full at its size as it is encoded, and what no longer fits waits for the next', () => {
  const encoder = encoderOf(text('a', 900), text('b', 900))
  expect(encoder.isFull).toBe(false)
  addTo(encoder, text('c', 900))
  expect(encoder.isFull).toBe(true)

  const first = taken(encoder)
  expect(names(first.body(0))).toEqual(['a', 'b'])
  expect(first.body(0).byteLength).toBeLessThanOrEqual(MAX_BYTES)
  expect([first.count, encoder.count, encoder.isFull]).toEqual([2, 1, false])

  addTo(encoder, text('d', 100))
  expect(names(taken(encoder).body(0))).toEqual(['c', 'd'])
  expect(encoder.take()).toBeUndefined()
})

test('one record larger than a batch travels alone', () => {
  const encoder = encoderOf(text('a', 5_000))
  expect(encoder.isFull).toBe(true)
  expect(names(taken(encoder).body(0))).toEqual(['a'])

  addTo(encoder, text('b', 100), text('c', 5_000))
  expect(names(taken(encoder).body(0))).toEqual(['b'])
  expect(names(taken(encoder).body(0))).toEqual(['c'])
})

test('halves hold the same records, down to one', () => {
  const batch = taken(encoderOf(...['a', 'b', 'c', 'd', 'e'].map((name) => text(name, 20))))

  const halves = batch.halves()
  expect(halves.map((half) => [half.count, names(half.body(0))])).toEqual([
    [2, ['a', 'b']],
    [3, ['c', 'd', 'e']],
  ])
  expect(halves[1]?.halves().map((half) => names(half.body(0)))).toEqual([['c'], ['d', 'e']])
})

test('the number of dropped spans is in each body once there is one, and is the latest', () => {
  const batch = taken(encoderOf(text('a', 20)))
  const tellsDropped = (body: Uint8Array) =>
    Buffer.from(body).toString('latin1').includes('sightline.sdk.dropped')

  expect(tellsDropped(batch.body(0))).toBe(false)
  expect(tellsDropped(batch.body(3))).toBe(true)
  expect(Buffer.from(batch.body(3))).not.toEqual(batch.body(4))
})

test('a record that fails half written leaves nothing behind', () => {
  const encoder = encoderOf(text('a', 20))
  const failing = () =>
    encoder.add({ resource, scope }, (writer) => {
      writer.text(0x12, text('b', 20))
      throw new Error('no more')
    })

  expect(failing).toThrow('no more')
  addTo(encoder, text('c', 20))

  expect(encoder.count).toBe(2)
  const batch = taken(encoder)
  expect(names(batch.body(0))).toEqual(['a', 'c'])
  // Without a gap between them nothing has to be copied.
  expect(batch.body(0).buffer).toBe(batch.body(0).buffer)
})

test('a record whose writer gives up leaves nothing behind', () => {
  const encoder = encoderOf(text('a', 20))
  const isAdded = encoder.add({ resource, scope }, (writer) => {
    writer.text(0x12, text('b', 20))
    return false
  })
  addTo(encoder, text('c', 20))

  expect([isAdded, encoder.count]).toEqual([false, 2])
  const batch = taken(encoder)
  expect(names(batch.body(0))).toEqual(['a', 'c'])
  expect(batch.body(0).buffer).toBe(batch.body(0).buffer)
})

test('records of several resources and scopes are put together by them', () => {
  const other = { resource: { 'service.name': 'other' }, scope: { name: 'http' } }
  const encoder = encoderOf(text('a', 20))
  encoder.add(other, (writer) => writer.text(0x12, text('b', 20)))
  addTo(encoder, text('c', 20))
  encoder.add({ resource, scope: other.scope }, (writer) => writer.text(0x12, text('d', 20)))

  const body = taken(encoder).body(0)

  expect(names(body)).toEqual(['a', 'c', 'd', 'b'])
  const asText = Buffer.from(body).toString('latin1')
  expect(asText.match(/service\.name/g)).toHaveLength(2)
})

test('after clearing nothing is left', () => {
  const encoder = encoderOf(text('a', 20), text('b', 20))
  encoder.clear()

  expect([encoder.count, encoder.isFull, encoder.take()]).toEqual([0, false, undefined])
})
