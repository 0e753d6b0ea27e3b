import { context, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, expect, test, vi } from 'vitest'
import { selectSpans } from './span-filter.ts'
import type { SpanRecord } from './span-record.ts'
import { SightlineSpanProcessor } from './span-processor.ts'

afterEach(() => {
  vi.useRealTimers()
})

type Recorded = {
  readonly records: SpanRecord[]
  readonly processor: SightlineSpanProcessor
  readonly provider: TracerProvider
}

function recordOf(attributes: Parameters<typeof resourceFromAttributes>[0] = {}): Recorded {
  const records: SpanRecord[] = []
  const processor = new SightlineSpanProcessor({
    addSpan: (record) => records.push(record),
    flush: async () => undefined,
    shutdown: async () => undefined,
    resource: { 'sightline.sdk.instance': 'i-1' },
    isSent: selectSpans('all'),
  })
  const resource = resourceFromAttributes(attributes)
  return {
    records,
    processor,
    provider: new TracerProvider({ resource, spanProcessors: [processor] }),
  }
}

test('a span of OpenTelemetry’s becomes a record of the same', () => {
  const { records, provider } = recordOf({ 'service.name': 'app' })
  const tracer = provider.getTracer('scope', '1.2.3', { schemaUrl: 'https://example.com/schema' })
  const linked = { traceId: 'b'.repeat(32), spanId: 'c'.repeat(16), traceFlags: TraceFlags.SAMPLED }
  const parent = tracer.startSpan('parent', { startTime: [10, 0] }, ROOT_CONTEXT)

  const span = tracer.startSpan(
    'work',
    {
      kind: SpanKind.CLIENT,
      startTime: [10, 5],
      attributes: { a: 1 },
      links: [{ context: linked, attributes: { why: 'retry' } }],
    },
    trace.setSpan(context.active(), parent),
  )
  span.addEvent('said', { word: 'yes' }, [11, 0])
  span.setStatus({ code: 2, message: 'no' })
  span.end([12, 7])

  expect(records).toEqual([
    {
      traceId: parent.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parentSpanId: parent.spanContext().spanId,
      traceState: undefined,
      flags: TraceFlags.SAMPLED,
      name: 'work',
      kind: SpanKind.CLIENT,
      start: [10, 5],
      end: [12, 7],
      parts: [{ a: 1 }],
      events: [
        expect.objectContaining({ name: 'said', time: [11, 0], attributes: { word: 'yes' } }),
      ],
      links: [{ traceId: linked.traceId, spanId: linked.spanId, attributes: { why: 'retry' } }],
      status: { code: 2, message: 'no' },
      resource: { 'service.name': 'app', 'sightline.sdk.instance': 'i-1' },
      scope: expect.objectContaining({
        name: 'scope',
        version: '1.2.3',
        schemaUrl: 'https://example.com/schema',
      }),
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    },
  ])
})

test('the spans of one resource share one object, by which they are grouped', () => {
  const { records, provider } = recordOf({ 'service.name': 'app' })
  for (const name of ['one', 'two']) provider.getTracer(name).startSpan(name).end()

  expect(records[0]?.resource).toBe(records[1]?.resource)
})

test('spans wait for the resource, a flush waits for them, and then they are sent in order', async () => {
  const region = Promise.withResolvers<string>()
  const { records, processor, provider } = recordOf({ region: region.promise })
  const tracer = provider.getTracer('t')
  tracer.startSpan('one').end()
  tracer.startSpan('two').end()
  expect(records).toEqual([])
  expect(processor.waiting).toBe(2)

  const flushed = processor.forceFlush()
  region.resolve('eu')
  await flushed

  expect(records.map(({ name, resource }) => [name, resource['region']])).toEqual([
    ['one', 'eu'],
    ['two', 'eu'],
  ])
  expect(processor.waiting).toBe(0)
})

test.each([
  ['never is known', () => new Promise<string>(() => undefined)],
  ['cannot be found out', () => Promise.reject(new Error('no metadata'))],
])('a resource of which something %s is sent without it', async (_, findOut) => {
  vi.useFakeTimers()
  const { records, processor, provider } = recordOf({ 'service.name': 'app', region: findOut() })
  provider.getTracer('t').startSpan('one').end()

  const settled = processor.settle()
  await vi.advanceTimersByTimeAsync(5_000)
  await settled
  provider.getTracer('t').startSpan('two').end()

  expect(records.map(({ name, resource }) => [name, resource])).toEqual(
    ['one', 'two'].map((name) => [
      name,
      { 'service.name': 'app', 'sightline.sdk.instance': 'i-1' },
    ]),
  )
})

test('of spans that wait, only so many are held', () => {
  const { records, processor, provider } = recordOf({
    region: new Promise<string>(() => undefined),
  })
  const tracer = provider.getTracer('t')
  for (let n = 0; n < 5_010; n++) tracer.startSpan('one').end()

  expect(processor.waiting).toBe(5_000)
  expect(records).toHaveLength(10)
})
