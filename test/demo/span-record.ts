export type AttributeValue = string | number | boolean | readonly string[]

export type SpanAttributes = Record<string, AttributeValue>

/** A finished span as history writes it. */
export type SpanRecord = {
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  name: string
  kind: 'internal' | 'client'
  /** Epoch ms, with a fraction. */
  startAt: number
  endAt: number
  attributes: SpanAttributes
  error: { message: string; event: SpanAttributes | undefined } | undefined
}
