import {
  minuteOf,
  NOTHING,
  type LedgerEntry,
  type LedgerRow,
  type LedgerSignal,
  type LedgerSource,
} from '../ledger/ledger-entry.ts'
import type { SdkDrops } from '../ledger/record-sdk-drops.ts'
import type { SourceBook } from '../ledger/source-book.ts'
import type { SpanRecord } from '../spans/span.ts'
import { toText } from './attribute-text.ts'
import type { OtlpGroup, OtlpResource, OtlpScope, OtlpSpan } from './otlp.ts'

/** The dialect that reads what no other one does. */
const PLAIN_DIALECT = 'otel'
const MAX_DROPPED = 1e12

/** The part of a pending span that the ledger looks at. */
type CountedSpan = {
  projectId: string
  receivedAtMs: number
  fate: 'stored' | 'duplicate' | 'conflict' | 'poison' | null
  record: Pick<SpanRecord, 'dialect' | 'service'>
  source?: LedgerSource
  signal?: LedgerSignal
}

/** What came of one resource and scope. */
export type SenderGroup = Pick<OtlpGroup, 'resource' | 'scope'>

/** The sources of one request: each group of its spans or records is looked at once. */
export class RequestSources {
  readonly #book: SourceBook
  readonly #projectId: string
  readonly #nowMs: number
  readonly #byGroup = new Map<SenderGroup, Map<string, LedgerSource>>()

  constructor(book: SourceBook, projectId: string, nowMs: number) {
    this.#book = book
    this.#projectId = projectId
    this.#nowMs = nowMs
  }

  sourceOf(group: SenderGroup, dialect: string): LedgerSource {
    let byDialect = this.#byGroup.get(group)
    if (byDialect === undefined) {
      byDialect = new Map()
      this.#byGroup.set(group, byDialect)
    }
    const known = byDialect.get(dialect)
    if (known !== undefined) return known
    const sent = toLedgerSource(group.resource, group.scope, dialect)
    const source = this.#book.find(this.#projectId, sent, this.#nowMs)
    byDialect.set(dialect, source)
    return source
  }
}

/** The SDK by its own resource attributes, else the instrumentation. */
function toLedgerSource(resource: OtlpResource, scope: OtlpScope, dialect: string): LedgerSource {
  const sdk = findText(resource, 'telemetry.sdk.name')
  return {
    dialect,
    sdk: sdk ?? orNull(scope.name),
    sdkVersion: sdk === null ? orNull(scope.version) : findText(resource, 'telemetry.sdk.version'),
    service: findText(resource, 'service.name'),
  }
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}

function findText({ attributes }: OtlpResource, key: string): string | null {
  const text = toText(attributes.find((attribute) => attribute.key === key)?.value)
  return text === undefined || text === '' ? null : text
}

/** What SDKs say in a request that they have dropped; nothing for those that dropped nothing. */
export function findSdkDrops(
  spans: readonly OtlpSpan[],
  sourceOf: (group: OtlpGroup) => LedgerSource,
): SdkDrops[] {
  const resources = new Map<OtlpResource, OtlpGroup>()
  let last: OtlpGroup | undefined
  for (const { group } of spans) {
    if (group === last) continue
    last = group
    resources.set(group.resource, group)
  }
  return [...resources].flatMap(([resource, group]) => {
    const instance = findText(resource, 'sightline.sdk.instance')
    if (instance === null) return []
    const dropped = Math.floor(Number(findText(resource, 'sightline.sdk.dropped') ?? 0))
    if (!(dropped > 0 && dropped <= MAX_DROPPED)) return []
    return [{ instance, dropped, source: sourceOf(group) }]
  })
}

/** The rows that are written with the spans they count. */
export function storedRows(spans: readonly CountedSpan[]): LedgerRow[] {
  const rows = new LedgerRows()
  for (const span of spans) {
    const row = rows.rowOf(span)
    row.received += 1
    row.stored += 1
    if (span.record.dialect === PLAIN_DIALECT) row.unmapped += 1
  }
  return rows.list()
}

/** What came of a commit's spans that were not stored by it. */
export function unstoredRows(pending: readonly CountedSpan[]): LedgerRow[] {
  const rows = new LedgerRows()
  for (const span of pending) {
    if (span.fate === null || span.fate === 'stored') continue
    const isPoison = span.fate === 'poison'
    const row = rows.rowOf(span, isPoison ? 'database_refused' : '')
    row.received += 1
    if (isPoison) row.rejected += 1
    else row.duplicate += 1
    if (span.fate === 'conflict') row.conflict += 1
  }
  return rows.list()
}

class LedgerRows {
  readonly #bySource = new Map<LedgerSource | string, LedgerRow[]>()

  rowOf(span: CountedSpan, reason = ''): LedgerRow {
    const fresh = emptyRow(span, reason)
    const key = span.source ?? `${fresh.source.dialect} ${fresh.source.service ?? ''}`
    const known = this.#bySource.get(key)
    const same = known?.find((row) => isSameKey(row, fresh))
    if (same !== undefined) return same
    if (known === undefined) this.#bySource.set(key, [fresh])
    else known.push(fresh)
    return fresh
  }

  list(): LedgerRow[] {
    return [...this.#bySource.values()].flat()
  }
}

function emptyRow(span: CountedSpan, reason: string): LedgerRow {
  const { projectId, receivedAtMs, record, signal = 'traces' } = span
  const { dialect, service } = record
  const source = span.source ?? { dialect, sdk: null, sdkVersion: null, service }
  return { projectId, minuteMs: minuteOf(receivedAtMs), signal, source, reason, ...NOTHING }
}

function isSameKey(a: LedgerRow, b: LedgerRow): boolean {
  return (
    a.projectId === b.projectId &&
    a.minuteMs === b.minuteMs &&
    a.signal === b.signal &&
    a.reason === b.reason
  )
}

type Rejected = { index: number; reason: string }

/** Spans of a request that could not be taken, by source. Their dialect was not read. */
export function rejectedEntries(
  rejected: readonly Rejected[],
  spans: readonly OtlpSpan[],
  { projectId, receivedAtMs, sources }: RejectContext,
): LedgerEntry[] {
  const counts = new Map<LedgerSource, Record<string, number>>()
  for (const { index, reason } of rejected) {
    const group = spans[index]?.group
    if (group === undefined) continue
    const source = sources.sourceOf(group, PLAIN_DIALECT)
    const byReason = counts.get(source) ?? {}
    counts.set(source, byReason)
    byReason[reason] = (byReason[reason] ?? 0) + 1
  }
  return [...counts].map(([source, byReason]) => ({
    projectId,
    minuteMs: minuteOf(receivedAtMs),
    signal: 'traces',
    source,
    stored: 0,
    duplicate: 0,
    conflict: 0,
    rejected: byReason,
  }))
}

type RejectContext = { projectId: string; receivedAtMs: number; sources: RequestSources }
