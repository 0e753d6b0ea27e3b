// OTLP/JSON for the tests of this folder.

/** 2026-11-01T00:00:00Z. */
export const SAMPLE_NOW_US = 1_793_491_200_000_000

type Scalar = string | number | boolean | string[]

/** A span as a sender would post it; `attributes` as plain values. */
export type SampleSpan = {
  attributes?: Record<string, Scalar>
  fields?: Record<string, unknown>
  scope?: { name: string; version?: string }
  resource?: Record<string, Scalar>
}

export function sampleRequest(...spans: SampleSpan[]): Record<string, unknown> {
  return {
    resourceSpans: spans.map((sample, index) => ({
      resource: { attributes: toAttributes(sample.resource ?? { 'service.name': 'chat' }) },
      scopeSpans: [{ scope: sample.scope ?? { name: 'test' }, spans: [sampleSpan(sample, index)] }],
    })),
  }
}

export function sampleBody(...spans: SampleSpan[]): Buffer {
  return Buffer.from(JSON.stringify(sampleRequest(...spans)))
}

function sampleSpan(sample: SampleSpan, index: number): Record<string, unknown> {
  return {
    traceId: '0123456789abcdef0123456789abcdef',
    spanId: `abcdef000000${(index + 1).toString(16).padStart(4, '0')}`,
    name: 'chat gpt-4o-mini',
    kind: 3,
    startTimeUnixNano: `${SAMPLE_NOW_US - 2_000_000}000`,
    endTimeUnixNano: `${SAMPLE_NOW_US - 1_000_000}000`,
    attributes: toAttributes(sample.attributes ?? {}),
    ...sample.fields,
  }
}

export function toAttributes(values: Record<string, Scalar>): unknown[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: toAnyValue(value) }))
}

function toAnyValue(value: Scalar): unknown {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
