import { TraceFlags } from '@opentelemetry/api'
import type { EndedSpan } from './ended-span.ts'
import { SCOPE_NAME } from './semconv.ts'

/**
 * Which spans of an application's own provider go to Sightline.
 *
 * @example
 * sightlineProcessor({ spans: 'genai' })
 */
export type SpanSelection = 'all' | 'genai'

// How the instrumentations of model calls, agents and tools begin their names.
const GENAI_PREFIXES = ['gen_ai.', 'llm.', 'openinference.', 'traceloop.', 'ai.', 'mcp.']
const MAX_REMEMBERED = 10_000

/** True for the spans to send; told each span as it ends, which its children have done before. */
export function selectSpans(selection: SpanSelection): (span: EndedSpan) => boolean {
  if (selection === 'all') return isSampled
  // Spans still running around one that was sent; without them it would have no place in its trace.
  const enclosing = new Set<string>()

  return (span) => {
    const { spanId } = span.spanContext()
    const isEnclosing = enclosing.delete(spanId)
    if (!isSampled(span) || !(isEnclosing || isGenAi(span))) return false
    const parentId = span.parentSpanContext?.spanId
    if (parentId !== undefined) enclosing.add(parentId)
    for (const oldest of enclosing) {
      if (enclosing.size <= MAX_REMEMBERED) break
      enclosing.delete(oldest)
    }
    return true
  }
}

function isSampled(span: EndedSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
}

function isGenAi({ instrumentationScope, attributes }: EndedSpan): boolean {
  if (instrumentationScope.name === SCOPE_NAME) return true
  for (const key in attributes) {
    if (GENAI_PREFIXES.some((prefix) => key.startsWith(prefix))) return true
  }
  return false
}
