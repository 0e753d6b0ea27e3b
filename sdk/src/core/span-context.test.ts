import { createContextKey, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { withSpanContext } from './span-context.ts'

const KEY = createContextKey('test')
const OTHER = createContextKey('other')
const spanContext = (spanId: string) => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId,
  traceFlags: TraceFlags.SAMPLED,
})

test('OpenTelemetry finds the span, and what the parent held', () => {
  const parent = ROOT_CONTEXT.setValue(KEY, 'kept')

  const context = withSpanContext(parent, spanContext('b7ad6b7169203331'))

  expect(trace.getSpanContext(context)).toEqual(spanContext('b7ad6b7169203331'))
  expect(trace.getSpan(context)?.isRecording()).toBe(false)
  expect(context.getValue(KEY)).toBe('kept')
  expect(trace.getSpanContext(parent)).toBeUndefined()
})

test('values set and deleted on it leave it as it is', () => {
  const context = withSpanContext(ROOT_CONTEXT, spanContext('b7ad6b7169203331'))

  const more = context.setValue(KEY, 1).setValue(OTHER, 2)
  const less = trace.deleteSpan(more)

  expect([
    more.getValue(KEY),
    more.getValue(OTHER),
    trace.getSpan(more)?.spanContext().spanId,
  ]).toEqual([1, 2, 'b7ad6b7169203331'])
  expect([less.getValue(KEY), trace.getSpan(less)]).toEqual([1, undefined])
  expect(context.getValue(KEY)).toBeUndefined()
})

test('however deep spans are nested, the innermost counts and nothing is lost', () => {
  let context: Context = ROOT_CONTEXT.setValue(KEY, 'outermost')
  for (let depth = 1; depth <= 1_000; depth++) {
    context = withSpanContext(context, spanContext(depth.toString(16).padStart(16, '0')))
    if (depth === 500) context = context.setValue(OTHER, 'middle')
  }

  expect(trace.getSpanContext(context)?.spanId).toBe((1_000).toString(16).padStart(16, '0'))
  expect([context.getValue(KEY), context.getValue(OTHER)]).toEqual(['outermost', 'middle'])
})
