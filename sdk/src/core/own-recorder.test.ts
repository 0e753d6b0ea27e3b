import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import { recordOwn } from './own-recorder.ts'
import type { OwnRecorderOptions } from './own-recorder.ts'
import { contentIn } from './record-encoder.ts'
import { sizeOfRecord } from './record-size.ts'
import type { SpanDraft } from './span-draft.ts'
import type { SpanRecord } from './span-record.ts'

const START_MS = 1_764_000_000_000.25

/** A recorder whose records are kept here. */
function recorder(options: Partial<OwnRecorderOptions> = {}) {
  const records: SpanRecord[] = []
  const startSpan = recordOwn({
    pipeline: {
      origin: 'http://localhost',
      pending: 0,
      lost: 0,
      complaint: undefined,
      addSpan: (record) => records.push(record),
      addLog: () => undefined,
      flush: async () => true,
      discard: () => 0,
      close: () => undefined,
    },
    resource: { 'service.name': 'test' },
    decide: undefined,
    now: () => START_MS,
    ...options,
  })
  const start = (fields: Fields = {}, parent: Context = ROOT_CONTEXT): SpanDraft => {
    const draft = startSpan({
      name: 'chat',
      kind: SpanKind.CLIENT,
      startMs: START_MS,
      fields,
      parent,
    })
    if (draft === undefined) throw new Error('not recorded')
    return draft
  }
  return { records, start }
}

/** What is plain in a record, the last word on each name. */
function plainOf(record: SpanRecord | undefined): Record<string, unknown> {
  return Object.fromEntries(
    (record?.parts ?? [])
      .flatMap((part) => Object.entries(part))
      .filter(([, value]) => value !== undefined && !(value instanceof Content)),
  )
}

test.each([
  [true, 0x301],
  [false, 0x101],
])('a span whose parent is remote: %s, has the flags %i', (isRemote, flags) => {
  const { records, start } = recorder()
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
    isRemote,
  })

  start({}, parent).end(START_MS)

  expect(records[0]).toMatchObject({ flags, parentSpanId: 'b7ad6b7169203331' })
})

test('a root span has an id of its own and no parent', () => {
  const { records, start } = recorder()

  const draft = start()
  draft.end(START_MS + 1.5)

  expect(records[0]).toMatchObject({
    traceId: draft.traceId,
    spanId: draft.spanId,
    parentSpanId: undefined,
    flags: 0x101,
    start: [1_764_000_000, 250_000],
    end: [1_764_000_000, 1_750_000],
  })
  expect(trace.getSpanContext(draft.context)).toMatchObject({
    traceId: draft.traceId,
    spanId: draft.spanId,
    traceFlags: TraceFlags.SAMPLED,
  })
})

test('a span ends once, and takes nothing after', () => {
  const { records, start } = recorder()
  const draft = start({ first: 1 })

  draft.end(START_MS)
  draft.set({ late: true })
  draft.event('late')
  draft.fail(new Error('late'))
  draft.end(START_MS + 10)

  expect(records).toHaveLength(1)
  expect(plainOf(records[0])).toEqual({ first: 1 })
  expect(records[0]).toMatchObject({ events: [], status: { code: 0 }, end: records[0]?.start })
})

test('a clock that was set back makes no span that ends before it began', () => {
  const { records, start } = recorder()

  start().end(START_MS - 5_000)

  expect(records[0]?.end).toEqual(records[0]?.start)
})

test('content waits as it is, everything else stands beside it, and the last value counts', () => {
  const { records, start } = recorder()
  const draft = start({ plain: 'a', left: undefined })
  const input = new Content('input', ['x'])

  draft.set({ plain: 'b', content: new Content('input', 'old') })
  draft.set({ content: input, becomes: 'text' })
  draft.set({ becomes: new Content('output', 'y') })
  draft.end(START_MS)

  expect(plainOf(records[0])).toMatchObject({ plain: 'b' })
  expect(contentIn(records[0]?.parts ?? [])).toEqual({
    content: input,
    becomes: new Content('output', 'y'),
  })
})

test('about what a record holds is counted, content included', () => {
  const { records, start } = recorder()
  const draft = start({ plain: 'x'.repeat(1_000) })

  draft.set({ content: new Content('input', [{ parts: ['x'.repeat(5_000)] }]) })
  draft.end(START_MS)

  const [bytes] = records.map(sizeOfRecord)
  expect(bytes).toBeGreaterThan(6_400)
  expect(bytes).toBeLessThan(6_900)
})

test('events beyond the limit are counted', () => {
  const { records, start } = recorder()
  const draft = start()

  for (let n = 0; n < 200; n++) draft.event(`event ${n}`)
  draft.end(START_MS)

  expect(records[0]?.events).toHaveLength(128)
  expect(records[0]?.droppedEventsCount).toBe(72)
})

test('a sampler sees the whole record, and may leave it out', () => {
  const { records, start } = recorder({
    decide: (record) => (plainOf(record)['keep'] === true ? record : undefined),
  })
  const content = new Content('input', 'x')

  start({ keep: true, content }).end(START_MS)
  start({ keep: false, content }).end(START_MS)

  expect(records.map(({ parts }) => parts)).toEqual([[{ keep: true, content }]])
})

test('an error that cannot be described still fails the span', () => {
  const { records, start } = recorder()
  const draft = start()
  const hostile = new Error('no')
  Object.defineProperty(hostile, 'stack', {
    get: () => {
      throw new Error('not even that')
    },
  })

  draft.fail(hostile, { exception: true })
  draft.end(START_MS)

  expect(records[0]).toMatchObject({ status: { code: 2, message: 'no' } })
  expect(records[0]?.events[0]).toMatchObject({
    name: 'exception',
    attributes: { 'exception.stacktrace': '' },
  })
})
