import type { OtlpSpan } from './otlp.ts'

const NO_PARENT = '0000000000000000'

/** Sets the span's fault where its ids are none; an empty or zero parent id means a root. */
export function checkIds(span: OtlpSpan): void {
  if (span.parentSpanId === '' || span.parentSpanId === NO_PARENT) span.parentSpanId = null
  if (!isId(span.traceId, 32)) {
    span.fault ??= { reason: 'invalid_trace_id', message: 'traceId must be 32 hex' }
  } else if (!isId(span.spanId, 16)) {
    span.fault ??= { reason: 'invalid_span_id', message: 'spanId must be 16 hex' }
  } else if (span.parentSpanId !== null && !isId(span.parentSpanId, 16)) {
    span.fault ??= { reason: 'invalid_span_id', message: 'parentSpanId must be 16 hex' }
  }
}

/** Lower-case hex of that length, not all zero (W3C trace context). */
function isId(id: string, length: number): boolean {
  if (id.length !== length) return false
  let isZero = true
  for (let index = 0; index < length; index++) {
    const code = id.charCodeAt(index)
    const isHex = (code >= 48 && code <= 57) || (code >= 97 && code <= 102)
    if (!isHex) return false
    if (code !== 48) isZero = false
  }
  return !isZero
}
