import type { SpanRecord } from '../spans/span.ts'
import { compileDialects, type DialectTables } from './dialect-plan.ts'
import { DIALECTS } from './dialects/registry.ts'
import { mapSpan } from './map-span.ts'
import type { OtlpSpan, OtlpTraces, SpanFault } from './otlp.ts'
import { SpanView } from './span-view.ts'

export type RejectedSpan = { index: number; reason: SpanFault['reason']; message: string }

export type NormalisedTraces = {
  /** The spans that can be stored, in payload order. */
  records: SpanRecord[]
  /** For each record the index of its span in the decoded payload. */
  indexes: number[]
  rejected: RejectedSpan[]
  /** `span n: text`, the first 100. */
  warnings: string[]
}

const MAX_WARNINGS = 100

let defaultTables: DialectTables | undefined

/** The tables of all registered dialects, compiled at first use. */
export function dialectTables(): DialectTables {
  defaultTables ??= compileDialects(DIALECTS)
  return defaultTables
}

/** Decoded spans to records by the dialects they speak; messages stay in the body. */
export function normaliseTraces(
  traces: OtlpTraces,
  context: { nowUs: number; tables?: DialectTables },
): NormalisedTraces {
  const result: NormalisedTraces = { records: [], indexes: [], rejected: [], warnings: [] }
  let index = 0
  const warn = (text: string): void => {
    if (result.warnings.length < MAX_WARNINGS) result.warnings.push(`span ${index}: ${text}`)
  }
  const mapping = { nowUs: context.nowUs, warn }
  let view: SpanView | undefined
  for (const span of traces.spans) {
    const fault = faultOf(span)
    if (fault === null) {
      if (view === undefined) view = new SpanView(context.tables ?? dialectTables(), span)
      else view.load(span)
      for (const text of warningsOf(span)) warn(text)
      result.records.push(mapSpan(view, mapping))
      result.indexes.push(index)
    } else {
      const { reason, message } = fault
      result.rejected.push({ index, reason, message: `span ${index}: ${message}` })
    }
    index += 1
  }
  return result
}

function faultOf(span: OtlpSpan): SpanFault | null {
  return span.fault ?? span.group.resource.fault ?? span.group.scope.fault
}

const NONE: readonly string[] = []

/** What the decoder changed in the span, its scope and its resource. */
export function warningsOf(span: OtlpSpan): readonly string[] {
  const { resource, scope } = span.group
  if (span.warnings === null && resource.warnings === null && scope.warnings === null) return NONE
  return [...(span.warnings ?? []), ...(resource.warnings ?? []), ...(scope.warnings ?? [])]
}
