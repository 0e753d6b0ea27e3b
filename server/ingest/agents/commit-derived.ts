import { priceRecord } from '../../enrich/cost.ts'
import type { SourceBook } from '../../ledger/source-book.ts'
import type { PendingSpan } from '../commit-spans.ts'
import { RequestSources } from '../count-in-ledger.ts'
import { readJsonRequest } from '../decode-json.ts'
import { normaliseTraces } from '../normalise.ts'
import type { OtlpSpan } from '../otlp.ts'
import { planChunks } from '../plan-chunks.ts'
import type { DerivedSpan } from './derived-span.ts'

export type DerivedCommit = {
  projectId: string
  nowMs: number
  book: SourceBook
  commit: (pending: PendingSpan[]) => Promise<void>
}

/** Stores derived spans the way sent ones are, counted as log records. */
export async function commitDerived(
  { projectId, nowMs, book, commit }: DerivedCommit,
  derived: readonly DerivedSpan[],
): Promise<PendingSpan[]> {
  if (derived.length === 0) return []
  const request = { resourceSpans: derived.map(toResourceSpans) }
  const spans: OtlpSpan[] = []
  readJsonRequest(request, spans)
  const traces = { format: 'json' as const, spans }
  const { records, indexes } = normaliseTraces(traces, { nowUs: nowMs * 1_000 })
  for (const record of records) priceRecord(record)
  const body = Buffer.from(JSON.stringify(request))
  const wire = { encoding: 'identity' as const, bytes: body }
  const placed = await planChunks({ body, wire, traces, records, indexes })
  const sources = new RequestSources(book, projectId, nowMs)
  const pending = placed.map((span, at): PendingSpan => {
    const group = spans[indexes[at] ?? at]?.group
    const source = group && { source: sources.sourceOf(group, span.record.dialect) }
    return { ...span, ...source, signal: 'logs', projectId, receivedAtMs: nowMs, fate: null }
  })
  await commit(pending)
  return pending
}

function toResourceSpans({ resource, scope, span }: DerivedSpan) {
  return { resource: { attributes: resource }, scopeSpans: [{ scope, spans: [span] }] }
}
