import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import type { Attributes } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import type { EndedSpan } from './ended-span.ts'
import { selectSpans } from './span-filter.ts'

type Given = {
  readonly id: string
  readonly parent?: string
  readonly attributes?: Attributes
  readonly scope?: string
  readonly isSampled?: boolean
}

function span({ id, parent, attributes = {}, scope = 'app', isSampled = true }: Given): EndedSpan {
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  const contextOf = (spanId: string) => ({ traceId: 'a'.repeat(32), spanId, traceFlags })
  return {
    name: id,
    kind: SpanKind.INTERNAL,
    spanContext: () => contextOf(id),
    parentSpanContext: parent === undefined ? undefined : contextOf(parent),
    startTime: [1, 0],
    endTime: [2, 0],
    status: { code: SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    resource: { attributes: {} },
    instrumentationScope: { name: scope },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

test('all means every span that is sampled', () => {
  const isSent = selectSpans('all')

  expect(isSent(span({ id: '1' }))).toBe(true)
  expect(isSent(span({ id: '2', isSampled: false }))).toBe(false)
})

test.each([
  ['ours', { scope: 'sightline' }],
  ['one by OpenTelemetry’s names', { attributes: { 'gen_ai.request.model': 'm' } }],
  ['one by OpenInference’s names', { attributes: { 'llm.model_name': 'm' } }],
  ['one of the AI SDK', { attributes: { 'ai.operationId': 'ai.generateText' } }],
])('genai means %s', (_, given) => {
  expect(selectSpans('genai')(span({ id: '1', ...given }))).toBe(true)
})

test('genai leaves out a span with other attributes, and one that is not sampled', () => {
  const isSent = selectSpans('genai')

  expect(isSent(span({ id: '1', attributes: { 'http.route': '/', aim: 'x' } }))).toBe(false)
  expect(isSent(span({ id: '2', scope: 'sightline', isSampled: false }))).toBe(false)
})

test('genai means the spans around a model call up to the root, and none beside them', () => {
  const isSent = selectSpans('genai')

  expect(isSent(span({ id: 'beside', parent: 'step' }))).toBe(false)
  expect(isSent(span({ id: 'call', parent: 'step', scope: 'sightline' }))).toBe(true)
  expect(isSent(span({ id: 'step', parent: 'request' }))).toBe(true)
  expect(isSent(span({ id: 'request' }))).toBe(true)
  expect(isSent(span({ id: 'other' }))).toBe(false)
})

test('what is remembered of running spans is bounded, the newest stay', () => {
  const isSent = selectSpans('genai')

  for (let n = 0; n < 12_000; n++) {
    isSent(span({ id: `call ${n}`, parent: `request ${n}`, scope: 'sightline' }))
  }

  expect(isSent(span({ id: 'request 11999' }))).toBe(true)
  expect(isSent(span({ id: 'request 0' }))).toBe(false)
})
