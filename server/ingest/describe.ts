import { Span } from '../contract/index.ts'
import type { JsonValue, SpanCost, SpanSummary } from '../contract/index.ts'
import { priceRecord, priceSpan } from '../enrich/cost.ts'
import { serviceTierNote } from '../enrich/service-tier.ts'
import type { SpanRecord } from '../spans/span.ts'
import { toJson } from './attribute-text.ts'
import { type ChunkFormat, readChunk } from './chunk.ts'
import { readContent, readTool } from './describe-content.ts'
import type { DialectTables } from './dialect-plan.ts'
import { USAGE_FIELDS } from './dialects/dialect.ts'
import { mapSpan } from './map-span.ts'
import type { LogRecord } from './messages/log-messages.ts'
import { dialectTables, warningsOf } from './normalise.ts'
import type { Attribute, OtlpSpan } from './otlp.ts'
import { readLogRecords, type StoredLog } from './read-log-records.ts'
import { type MappingTrace, SpanView } from './span-view.ts'
import { summariseSpan } from './summarise-span.ts'

/** What the store gives for one span: its row, and its chunk inflated. */
export type StoredSpan = {
  summary: SpanSummary
  format: ChunkFormat
  data: Buffer
  index: number
  isQuarantined: boolean
  /** Log records that belong to the span, in their order. */
  logs?: readonly StoredLog[]
}

/** The whole span out of its row and body. */
export function describeStoredSpan(stored: StoredSpan): Span {
  const { summary, format, data, index } = stored
  const span = readChunk(format, data).spans[index]
  if (span?.traceId !== summary.traceId || span.spanId !== summary.spanId) {
    throw new Error(
      `the body of span ${summary.spanId} of trace ${summary.traceId} holds another span at ${index}`,
    )
  }
  const described = describeSpan(span, summary, { logs: readLogRecords(stored.logs ?? []) })
  if (!stored.isQuarantined) return described
  const text = 'time out of range: kept apart from charts and alerts'
  return { ...described, warnings: [...described.warnings, text] }
}

/**
 * The whole span as the API shows it. From the body comes all that is not stored narrow (messages,
 * raw usage, which attribute fed which field), read by the tables that run at ingest; `stored`,
 * where given, stands over what those tables say today.
 */
export function describeSpan(
  span: OtlpSpan,
  stored?: SpanSummary,
  { logs = [], tables = dialectTables() }: DescribeOptions = {},
): Span {
  const mapping: Span['mapping'] = []
  const warnings = new Set(warningsOf(span))
  // One span is shown, not a batch taken: nothing is too long to be parsed.
  const view = new SpanView(tables, span, Infinity)
  view.trace = (field, source) => addMapping(mapping, field, source)
  const record = mapSpan(view, { nowUs: null, warn: (text) => warnings.add(text) })
  priceRecord(record)
  addDerived(mapping, record, span)
  const tier = record.costNanoUsd === null ? null : serviceTierNote(span.attributes)
  if (tier !== null) warnings.add(tier)
  const summary = { ...summariseSpan(record), ...stored }
  return {
    ...summary,
    model: summary.model ?? record.model,
    cost: withBuckets(summary.cost, record),
    usageRaw: usageRaw(view),
    temperature: view.number('temperature') ?? null,
    maxTokens: view.number('maxTokens') ?? null,
    tool: readTool(view, record),
    ...readContent(view, logs),
    ...verbatim(span),
    mapping,
    unmapped: unmappedKeys(view),
    dialect: record.dialect,
    warnings: [...warnings],
  }
}

export type DescribeOptions = { logs?: readonly LogRecord[]; tables?: DialectTables }

type MappingSource = Parameters<MappingTrace>[1]

/** The first source of a field stands; a note without a key adds to it. */
function addMapping(mapping: Span['mapping'], field: string, source: MappingSource): void {
  const { key, path, note } = source
  const name = FIELD_NAMES.get(field) ?? field
  const [top = ''] = name.split('.', 1)
  // What is read for a purpose of our own, such as whether the span was sampled, is no field of a span.
  if (!Object.hasOwn(Span.shape, top)) return
  const known = mapping.find((entry) => entry.field === name)
  if (known === undefined) {
    const from = path === undefined || path === '' ? key : `${key} → ${path}`
    mapping.push({ field: name, from: from === '' ? 'span' : from, ...(note && { note }) })
  } else if (key === '' && note !== undefined) known.note ??= note
}

/** What comes from no attribute of the span itself. */
function addDerived(mapping: Span['mapping'], record: SpanRecord, span: OtlpSpan): void {
  const add = (field: string, key: string, note: string): void =>
    addMapping(mapping, field, { key, note })
  const ofResource: [string, string | null, readonly string[]][] = [
    ['service', record.service, ['service.name']],
    ['environment', record.environment, ['deployment.environment.name', 'deployment.environment']],
    ['release', record.release, ['service.version']],
  ]
  const sent = new Set(span.group.resource.attributes.map(({ key }) => key))
  for (const [field, value, keys] of ofResource) {
    const key = keys.find((name) => sent.has(name))
    if (value !== null && key !== undefined) add(field, key, 'resource attribute')
  }
  if (record.model !== null) {
    if (record.responseModel !== null) add('model', 'responseModel', 'the model that answered')
    else if (record.requestModel !== null) add('model', 'requestModel', 'the model asked for')
  }
  if (record.status === 'error') add('error', errorSignal(record, span), 'what tells the failure')
}

function errorSignal(record: SpanRecord, span: OtlpSpan): string {
  if (span.statusCode === 2) return 'status'
  if (span.events.some(({ name }) => name === 'exception')) return 'event exception'
  return record.finishReasons.includes('error') ? 'finishReasons' : 'attributes'
}

function verbatim(span: OtlpSpan): Pick<Span, 'attributes' | 'resource' | 'events' | 'links'> {
  return {
    attributes: toObject(span.attributes),
    resource: toObject(span.group.resource.attributes),
    events: span.events.map(({ name, timeUs, attributes }) => ({
      name,
      time: timeUs / 1_000,
      attributes: toObject(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: toObject(attributes),
    })),
  }
}

/** Names of the contract where the tables have others. */
const FIELD_NAMES = new Map<string, string>([
  ['ttft', 'ttftMs'],
  ['senderCost', 'cost.senderUsd'],
  ['errorType', 'error.type'],
  ['errorMessage', 'error.message'],
  ['errorStatusCode', 'error.statusCode'],
  ['failed', 'error'],
  ['cacheWrite1hTokens', 'cost.buckets'],
  ['inferredProvider', 'provider'],
  ['toolCallId', 'tool.callId'],
  ['toolArguments', 'tool.arguments'],
  ['toolResult', 'tool.result'],
  ['operation', 'operationRaw'],
  ['provider', 'providerRaw'],
])

/** A later price list has other buckets than those the stored amount was made of. */
function withBuckets(cost: SpanCost, record: SpanRecord): SpanCost {
  const price = priceSpan(record)
  if (price.priceVersion === null || price.priceVersion !== cost.priceVersion) return cost
  return {
    ...cost,
    buckets: price.buckets.map((bucket) => ({
      ...bucket,
      usd: (bucket.tokens * bucket.pricePerMTok) / 1e6,
    })),
  }
}

const USAGE_KEY = /(^|[._])(usage|token_count|aggregated_usage)[._]/

/** Attributes with counts: those that the tables read for one, and those named so. */
function usageRaw({ plan, span }: SpanView): Record<string, JsonValue> {
  const keys = new Set(USAGE_FIELDS.flatMap((field) => plan.sources[field].map(({ key }) => key)))
  return toObject(
    span.attributes.filter(
      ({ key }) => USAGE_KEY.test(key) || (keys.has(key) && !LARGE_KEYS.has(key)),
    ),
  )
}

/** The answer itself, of which a table reads one count. */
const LARGE_KEYS = new Set(['output.value', 'input.value'])

function toObject(attributes: readonly Attribute[]): Record<string, JsonValue> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toJson(value) as JsonValue]))
}

/** Attributes that nothing read: no table of the span's dialects, or one that does not apply. */
function unmappedKeys(view: SpanView): string[] {
  const { dialects, sources, kinds } = view.plan
  const prefixes = dialects.flatMap((dialect) => dialect.consumedPrefixes ?? [])
  const known = new Set(dialects.flatMap((dialect) => dialect.reads ?? []))
  for (const { key } of kinds) known.add(key)
  for (const { key, when } of Object.values(sources).flat()) {
    if (when === undefined || when(view)) known.add(key)
  }
  return view.span.attributes
    .map(({ key }) => key)
    .filter((key) => !known.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)))
}
