import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { encodeTraces } from './encode-traces.ts'
import { createPoster } from './post-batches.ts'
import type { SpanRecord } from './span-record.ts'

const NEVER = new AbortController().signal

function bodyOf(count: number): Buffer {
  const spans = Array.from({ length: count }, (_, index): SpanRecord => ({
    traceId: 'ab'.repeat(16),
    spanId: (index + 1).toString(16).padStart(16, '0'),
    parentSpanId: undefined,
    name: 'wörk 📦',
    kind: 'internal',
    startAt: 1_772_600_000_000.25,
    endAt: 1_772_600_000_001.5,
    attributes: { text: 'añ', count: 3, share: 0.25, ok: true, tags: ['a', 'b'] },
    error: undefined,
  }))
  return encodeTraces({ resource: {}, scope: { name: 's', version: '1', schemaUrl: 'u' }, spans })
}

test('every batch arrives once, whatever its values, with and without compression', async () => {
  for (const compression of ['none', 'gzip'] as const) {
    await using receiver = await startOtlpReceiver()
    const poster = createPoster({ endpoint: receiver.url, compression, signal: NEVER })

    for (let batch = 0; batch < 6; batch++) await poster.post(bodyOf(2))
    await poster.drain()
    poster.close()

    expect(receiver.spans).toHaveLength(12)
    expect(receiver.spans[0]).toMatchObject({
      name: 'wörk 📦',
      startMs: 1_772_600_000_000.25,
      endMs: 1_772_600_000_001.5,
      attributes: { text: 'añ', count: 3, share: 0.25, ok: true, tags: ['a', 'b'] },
    })
  }
})

test('a busy collector is asked again until it takes the batch', async () => {
  await using receiver = await startOtlpReceiver()
  receiver.answers.push(
    { status: 503, headers: { 'retry-after': '0' } },
    { status: 429, headers: { 'retry-after': '0' } },
  )
  const poster = createPoster({ endpoint: receiver.url, compression: 'none', signal: NEVER })

  await poster.post(bodyOf(1))
  await poster.drain()
  poster.close()

  expect(receiver.requests).toHaveLength(3)
  expect(receiver.spans).toHaveLength(1)
})

test('a refusal ends the delivery with the status', async () => {
  await using receiver = await startOtlpReceiver()
  receiver.answers.push({ status: 400 })
  const poster = createPoster({ endpoint: receiver.url, compression: 'none', signal: NEVER })

  await poster.post(bodyOf(1))
  const draining = poster.drain()

  await expect(draining).rejects.toThrow('answered 400')
  poster.close()
})

test('a large message keeps its length', () => {
  expect(gzipSync(bodyOf(500)).length).toBeLessThan(bodyOf(500).length)
  expect(bodyOf(500).length).toBeGreaterThan(50_000)
})
