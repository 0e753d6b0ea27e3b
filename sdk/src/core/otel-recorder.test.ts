import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { expect, test, vi } from 'vitest'
import { activeSpanContext } from './active-span.ts'
import { DEFAULT_CONTENT } from './content.ts'
import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import { ownTracer, partsOf, recordInto } from './otel-recorder.ts'
import type { SpanStart } from './span-draft.ts'

function startProvider() {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const only = (): ReadableSpan => {
    const [span, ...others] = exporter.getFinishedSpans()
    if (span === undefined || others.length > 0) throw new Error('not exactly one span')
    return span
  }
  return { tracer: ownTracer(provider), only }
}

/** The last word on each name, as the encoder has it. */
function fieldsOf(span: ReadableSpan): Fields {
  const fields: Fields = {}
  for (const part of partsOf(span)) {
    for (const [key, value] of Object.entries(part)) if (value !== undefined) fields[key] = value
  }
  return fields
}

function start(parent: Context = ROOT_CONTEXT): SpanStart {
  return {
    name: 'chat m',
    kind: SpanKind.CLIENT,
    startMs: 1_700_000_000_000,
    fields: { model: 'm', input: new Content('input', ['hello']) },
    parent,
  }
}

test('content is an attribute at once where others see the span', () => {
  const { tracer, only } = startProvider()

  const draft = recordInto({ tracer, eager: DEFAULT_CONTENT })(start())
  draft?.set({ output: new Content('output', { a: 1 }), count: 2 })
  draft?.end(1_700_000_001_000)

  expect(only().attributes).toEqual({
    model: 'm',
    input: '["hello"]',
    output: '{"a":1}',
    count: 2,
  })
  expect(only().instrumentationScope.name).toBe('sightline')
})

test('content is kept beside the span where only ours see it, and nothing is serialised', () => {
  const { tracer, only } = startProvider()
  const toJSON = vi.fn()

  const draft = recordInto({ tracer })(start())
  draft?.set({ output: new Content('output', { toJSON }), count: undefined })
  draft?.end(1_700_000_001_000)

  expect(only().attributes).toEqual({})
  expect(fieldsOf(only())).toEqual({
    model: 'm',
    input: new Content('input', ['hello']),
    output: new Content('output', { toJSON }),
  })
  expect(toJSON).not.toHaveBeenCalled()
})

test('what others set on our span comes with it', () => {
  const { tracer, only } = startProvider()

  const draft = recordInto({ tracer })(start())
  trace.getSpan(draft?.context ?? ROOT_CONTEXT)?.setAttributes({ customer: 'c', model: 'other' })
  draft?.end(1_700_000_001_000)

  expect(fieldsOf(only())).toMatchObject({ customer: 'c', model: 'm' })
})

test('the times are those it is given, and the failure is told', () => {
  const { tracer, only } = startProvider()

  const draft = recordInto({ tracer })(start())
  draft?.fail(new RangeError('too far'), { exception: true })
  draft?.end(1_700_000_001_500)

  expect(only().startTime).toEqual([1_700_000_000, 0])
  expect(only().endTime).toEqual([1_700_000_001, 500_000_000])
  expect(only().status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' })
  expect(fieldsOf(only())['error.type']).toBe('RangeError')
  expect(only().events.map(({ name }) => name)).toEqual(['exception'])
})

test('what happens meanwhile is told by the clock it is given', () => {
  const { tracer, only } = startProvider()

  const draft = recordInto({ tracer, now: () => 1_700_000_000_250 })(start())
  draft?.event('said', { word: 'yes' })
  draft?.end(1_700_000_001_000)

  expect(only().events).toEqual([
    expect.objectContaining({
      name: 'said',
      attributes: { word: 'yes' },
      time: [1_700_000_000, 250_000_000],
    }),
  ])
})

test('after its end nothing changes a span, and it ends once', () => {
  const { tracer, only } = startProvider()
  const draft = recordInto({ tracer })(start())
  draft?.end(1_700_000_001_000)

  draft?.set({ late: true })
  draft?.event('late')
  draft?.fail(new Error('late'))
  draft?.end(1_700_000_009_000)

  expect(only().endTime).toEqual([1_700_000_001, 0])
  expect(only().status.code).toBe(SpanStatusCode.UNSET)
  expect(fieldsOf(only())).not.toHaveProperty('late')
})

test('beside another tracer, ours are among themselves, and its active span stays the active one', () => {
  const { tracer } = startProvider()
  const theirs = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE }
  const around = trace.setSpanContext(ROOT_CONTEXT, theirs)
  const startSpan = recordInto({ tracer, isIsolated: () => true })

  const outer = startSpan(start(around))
  const inner = startSpan(start(outer?.context))

  // Not sampled by them, it is recorded by us, under the same trace id.
  expect(outer?.traceId).toBe(theirs.traceId)
  expect(inner?.traceId).toBe(theirs.traceId)
  expect(trace.getSpanContext(inner?.context ?? ROOT_CONTEXT)).toEqual(theirs)
  expect(activeSpanContext(inner?.context ?? ROOT_CONTEXT)?.spanId).toBe(inner?.spanId)
})

test('a trace that another process does not sample is not recorded', () => {
  const { tracer } = startProvider()
  const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0, isRemote: true }
  const around = trace.setSpanContext(ROOT_CONTEXT, remote)

  expect(recordInto({ tracer, isIsolated: () => true })(start(around))).toBeUndefined()
  expect(recordInto({ tracer })(start(around))).toBeUndefined()
})

test('a tracer that throws does not reach the application', () => {
  const { tracer } = startProvider()
  const draft = recordInto({ tracer })(start())
  const span = trace.getSpan(draft?.context ?? ROOT_CONTEXT)
  if (span === undefined) throw new Error('no span')
  const fail = () => {
    throw new Error('broken')
  }
  vi.spyOn(span, 'addEvent').mockImplementation(fail)
  vi.spyOn(span, 'setStatus').mockImplementation(fail)
  const end = vi.spyOn(span, 'end').mockImplementation(fail)

  draft?.event('said')
  draft?.fail(new Error('failed'))
  draft?.end(1_700_000_001_000)

  expect(end).toHaveBeenCalledOnce()
})
