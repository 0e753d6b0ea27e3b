import { expect, test } from 'vitest'
import { spanRecord, stepRecord } from '../support/span-factory.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import { resolveNestedCalls } from '../../server/ingest/nested-calls.ts'

const TRACE = { traceId: 'a'.repeat(32) }

function idOf(number: number): string {
  return number.toString(16).padStart(16, '0')
}

function counting(records: readonly SpanRecord[]): string[] {
  return records.filter((record) => record.countsTokens).map(({ spanId }) => spanId)
}

test('what repeats a call has no cost of its own', () => {
  const outer = spanRecord({ ...TRACE, spanId: idOf(1) })
  const inner = spanRecord({ ...TRACE, spanId: idOf(2), parentSpanId: idOf(1) })

  resolveNestedCalls([outer, inner])

  expect(outer).toMatchObject({
    countsTokens: false,
    repeatsCall: true,
    costNanoUsd: null,
    costReason: 'not_a_model_call',
    priceVersion: null,
  })
  expect(inner).toMatchObject({ countsTokens: true, costNanoUsd: 27_000 })
})

test('the same ids in another trace are no relatives', () => {
  const outer = spanRecord({ ...TRACE, spanId: idOf(1) })
  const other = spanRecord({ traceId: 'b'.repeat(32), spanId: idOf(2), parentSpanId: idOf(1) })

  resolveNestedCalls([outer, other])

  expect(counting([outer, other])).toEqual([idOf(1), idOf(2)])
})

test('what its dialect calls an aggregate is nobody’s call, and hides none', () => {
  const aggregate = spanRecord({ ...TRACE, spanId: idOf(1), countsTokens: false })
  const failed = spanRecord({
    ...TRACE,
    spanId: idOf(2),
    parentSpanId: idOf(1),
    usage: { ...aggregate.usage, input: null, output: null },
  })

  resolveNestedCalls([aggregate, failed])

  expect(counting([aggregate, failed])).toEqual([idOf(2)])
  expect(aggregate.repeatsCall).toBeUndefined()
})

test('parents in a circle, or a span that is its own, end the search', () => {
  const records = [
    spanRecord({ ...TRACE, spanId: idOf(1), parentSpanId: idOf(3) }),
    stepRecord({ ...TRACE, spanId: idOf(2), parentSpanId: idOf(1) }),
    stepRecord({ ...TRACE, spanId: idOf(3), parentSpanId: idOf(2) }),
    spanRecord({ ...TRACE, spanId: idOf(4), parentSpanId: idOf(4) }),
  ]

  resolveNestedCalls(records)

  expect(counting(records)).toEqual([idOf(1), idOf(4)])
})
