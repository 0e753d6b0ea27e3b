import type { SpanStatus, SpanType } from '../contract/index.ts'
import type { SpanRecord } from '../spans/span.ts'
import { toNumber, toText } from './attribute-text.ts'
import type { Source } from './dialects/dialect.ts'
import { findOperation, toTask } from './operations.ts'
import type { AttributeValue, OtlpEvent, OtlpResource, OtlpSpan } from './otlp.ts'
import { appendHashes } from './attribute-hash.ts'
import { providerOfHost, providerOfModel, toProvider } from './providers.ts'
import { readUsage } from './read-usage.ts'
import type { SpanView } from './span-view.ts'

/** `nowUs` null: read back from the store, where quarantine has been decided. */
export type MapContext = { nowUs: number | null; warn: (text: string) => void }

const DAY_US = 86_400_000_000
const PAST_US = 30 * DAY_US
const FUTURE_US = DAY_US / 24

/** The narrow record of the span that `view` has loaded; cost is left for `enrich/cost.ts`. */
export function mapSpan(view: SpanView, context: MapContext): SpanRecord {
  const { span } = view
  const operationRaw = view.text('operation')
  view.operationRaw = operationRaw
  const operation = operationRaw === null ? undefined : findOperation(operationRaw)
  const type = readType(view, operation?.type)
  view.type = type
  const models = readModels(view)
  const provider = readProvider(view, models.model)
  const { usage, isImplausible } = readUsage(view, context.warn)
  const durationUs = readDuration(span, context)
  const stream = readStream(view, durationUs)
  const finishReasons = view.list('finishReasons')
  const error = readError(view, finishReasons)
  const resource = readResource(span.group.resource)
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: short(span.name, MAX_NAME),
    otelKind: span.kind <= 5 ? span.kind : 0,
    otelStatus: span.statusCode <= 2 ? span.statusCode : 0,
    startUs: span.startUs,
    endUs: span.endUs,
    durationUs,
    service: resource.service,
    environment: shortOrNull(view.text('environment')) ?? resource.environment,
    release: shortOrNull(view.text('release')) ?? resource.release,
    scope: shortOrNull(span.group.scope.name),
    type,
    task: toTask(view.text('task'), operation),
    operation: operation?.operation ?? null,
    operationRaw: shortOrNull(operationRaw),
    ...provider,
    ...models,
    responseId: shortOrNull(view.text('responseId')),
    usage,
    countsTokens: isLeaf(view),
    costNanoUsd: null,
    costReason: isImplausible ? 'implausible_usage' : null,
    priceVersion: null,
    senderCostNanoUsd: readSenderCost(view, context.warn),
    sampled: (view.number('sampleProbability') ?? 1) < 1,
    streaming: stream.streaming,
    ttftUs: stream.ttftUs,
    finishReasons: finishReasons.map((reason) => short(reason, MAX_TEXT)),
    ...error,
    sessionId: shortOrNull(view.text('sessionId')),
    userId: shortOrNull(view.text('userId')),
    tags: view.list('tags').map((tag) => short(tag, MAX_TEXT)),
    promptName: shortOrNull(view.text('promptName')),
    promptVersion: shortOrNull(view.text('promptVersion')),
    agentName: shortOrNull(view.text('agentName')),
    toolName: shortOrNull(view.text('toolName')),
    quarantined: isOutOfRange(span, context),
    dialect: view.plan.name,
    attributeHashes: hashesOf(span, resource),
  }
}

// A B-tree entry of Postgres ends at 2,704 bytes; the whole text stands in the body.
const MAX_NAME = 512
const MAX_TEXT = 256
const MAX_MESSAGE = 2_000

function short(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).toWellFormed()
}

function shortOrNull(text: string | null): string | null {
  return text === null || text === '' ? null : short(text, MAX_TEXT)
}

function readType(view: SpanView, ofOperation: SpanType | undefined): SpanType {
  const named = view.kindType()
  if (named !== null) return named
  if (ofOperation !== undefined) {
    view.trace?.('type', { key: 'operationRaw', note: 'what the operation is' })
    return ofOperation
  }
  for (const dialect of view.plan.dialects) {
    const type = dialect.fallbackType?.(view) ?? null
    if (type === null) continue
    view.trace?.('type', { key: '', note: `told by ${dialect.name} from what the span carries` })
    return type
  }
  return 'other'
}

/** Leaf model spans only: each model call is counted once, whatever its parents repeat. */
function isLeaf(view: SpanView): boolean {
  if (!isModelType(view.type)) return false
  return !view.plan.dialects.some((dialect) => dialect.isAggregate?.(view) === true)
}

type Models = Pick<SpanRecord, 'requestModel' | 'responseModel' | 'model'>

/** Some senders have one name for both: where it is not the requested one, it is the response's. */
function readModels(view: SpanView): Models {
  const requestModel = shortOrNull(view.text('requestModel'))
  const plain = shortOrNull(view.text('model'))
  const responseModel =
    shortOrNull(view.text('responseModel')) ??
    (requestModel !== null && plain !== requestModel ? plain : null)
  return { requestModel, responseModel, model: responseModel ?? requestModel ?? plain }
}

type ProviderFields = Pick<SpanRecord, 'provider' | 'providerRaw' | 'providerInferred'>

function readProvider(view: SpanView, model: string | null): ProviderFields {
  const providerRaw = shortOrNull(view.text('provider'))
  const isNone =
    providerRaw === null || view.plan.dialects.some((dialect) => dialect.providerIsFramework)
  const named = isNone ? null : (toProvider(providerRaw) ?? providerBeside(view))
  if (named !== null) return { provider: named, providerRaw, providerInferred: false }
  const inferred = isModelType(view.type) ? inferProvider(view, model) : null
  return { provider: inferred, providerRaw, providerInferred: inferred !== null }
}

/** A framework's own name stands before the provider's in some senders. */
function providerBeside(view: SpanView): string | null {
  return view.find('provider', (value) => toProvider(toText(value) ?? '') ?? undefined)
}

function inferProvider(view: SpanView, model: string | null): string | null {
  const hosted = view.find('serverAddress', (value) => {
    return providerOfHost(toText(value) ?? '') ?? undefined
  })
  if (hosted !== null) {
    view.trace?.('inferredProvider', { key: 'server address', note: 'inferred from the host' })
    return hosted
  }
  const ofModel = model === null ? null : providerOfModel(model)
  if (ofModel !== null) {
    view.trace?.('inferredProvider', { key: 'model', note: "inferred from the model's name" })
  }
  return ofModel
}

function isModelType(type: SpanType): boolean {
  return type === 'llm' || type === 'embedding'
}

function readDuration(span: OtlpSpan, context: MapContext): number | null {
  if (span.endUs >= span.startUs) return span.endUs - span.startUs
  context.warn('end before start: the duration is not known')
  return null
}

function isOutOfRange(span: OtlpSpan, context: MapContext): boolean {
  if (context.nowUs === null) return false
  const from = context.nowUs - PAST_US
  const to = context.nowUs + FUTURE_US
  const isOut = (us: number): boolean => us < from || us > to
  if (!isOut(span.startUs) && !isOut(span.endUs)) return false
  context.warn('time outside the last 30 days and the next hour: kept apart from charts')
  return true
}

const CHUNK_EVENTS = new Set([
  'First Token Stream Event',
  'gen_ai.content.completion.chunk',
  'llm.content.completion.chunk',
  'mlflow.chunk.item.0',
])

type Stream = Pick<SpanRecord, 'streaming' | 'ttftUs'>

function readStream(view: SpanView, durationUs: number | null): Stream {
  const declared = view.boolean('streaming')
  const ttftUs = declared === false ? null : readTtft(view, durationUs)
  const isTold = declared !== null || ttftUs === null || ttftUs === 0
  if (isTold || view.plan.dialects.some(({ isTtftOfAnyCall }) => isTtftOfAnyCall === true)) {
    return { streaming: declared, ttftUs }
  }
  view.trace?.('streaming', { key: 'ttftMs', note: 'a first chunk came before the end' })
  return { streaming: true, ttftUs }
}

function readTtft(view: SpanView, durationUs: number | null): number | null {
  const { span } = view
  const sent = view.find('ttft', (value, { unit }) => {
    const us = toTtftUs(value, unit, span.startUs)
    // A sender rounds to milliseconds: a first chunk at the very end may lie 1 ms behind it.
    return us === null || (durationUs !== null && us > durationUs + 1_000) ? undefined : us
  })
  if (sent !== null) return sent
  const ofEvent = firstChunkUs(span)
  if (ofEvent !== null) view.trace?.('ttft', { key: 'events', note: 'time of the first chunk' })
  return ofEvent
}

function toTtftUs(value: unknown, unit: Source['unit'], startUs: number): number | null {
  if (unit === 'instant') {
    // A recording replayed on another day moves the span's times by whole days, not this text.
    const us = Date.parse(toText(value) ?? '') * 1_000 - startUs
    const inDayUs = ((us % DAY_US) + DAY_US) % DAY_US
    if (Number.isNaN(inDayUs)) return null
    // Rounded to milliseconds: an instant just before the start is one at the start.
    return inDayUs > DAY_US - 1_000 ? 0 : inDayUs
  }
  const number = toNumber(value)
  if (typeof number !== 'number' || number <= 0) return null
  return Math.round(number * (unit === 'ms' ? 1e3 : 1e6))
}

function firstChunkUs({ events, startUs, endUs }: OtlpSpan): number | null {
  let firstUs: number | null = null
  for (const { name, timeUs } of events) {
    if (timeUs < startUs || timeUs > endUs || !CHUNK_EVENTS.has(name)) continue
    if (firstUs === null || timeUs < firstUs) firstUs = timeUs
  }
  return firstUs === null ? null : firstUs - startUs
}

type ErrorFields = {
  status: SpanStatus
  errorType: string | null
  errorMessage: string | null
  errorStatusCode: number | null
}

const NO_ERROR: ErrorFields = {
  status: 'ok',
  errorType: null,
  errorMessage: null,
  errorStatusCode: null,
}

/** Any of: status, a flag of the dialect, error.type, an exception event, finish reason `error`. */
function readError(view: SpanView, finishReasons: readonly string[]): ErrorFields {
  const { span } = view
  const exception = span.events.find((event) => event.name === 'exception')
  const type = view.text('errorType')
  const message = view.text('errorMessage')
  const isError =
    span.statusCode === 2 ||
    type !== null ||
    message !== null ||
    exception !== undefined ||
    finishReasons.includes('error') ||
    view.boolean('failed') === true
  if (!isError) return NO_ERROR
  const errorType = type ?? attributeText(exception, 'exception.type')
  const errorMessage =
    message ??
    (span.statusMessage === '' ? attributeText(exception, 'exception.message') : span.statusMessage)
  return {
    status: 'error',
    errorType: shortOrNull(errorType),
    errorMessage: errorMessage === null ? null : short(errorMessage, MAX_MESSAGE),
    errorStatusCode: readStatusCode(view, errorType, errorMessage),
  }
}

const CODE_IN_MESSAGE =
  /(?:^|error code: |error: |status(?:[ _]code)?[ :=]+|["']code["']: ?)([45]\d\d)\b/i

function readStatusCode(
  view: SpanView,
  type: string | null,
  message: string | null,
): number | null {
  const code = view.number('errorStatusCode')
  if (typeof code === 'number' && code >= 400 && code <= 599) return Math.trunc(code)
  if (type !== null && /^[45]\d\d$/.test(type)) return Number(type)
  const match = message === null ? null : CODE_IN_MESSAGE.exec(message.slice(0, MAX_MESSAGE))
  return match === null ? null : Number(match[1])
}

function attributeText(event: OtlpEvent | undefined, key: string): string | null {
  const value = event?.attributes.find((attribute) => attribute.key === key)?.value
  return toText(value) ?? null
}

/** USD with at most nano precision; what no sum may use when it is not a plain amount. */
function readSenderCost(view: SpanView, warn: (text: string) => void): number | null {
  const usd = view.number('senderCost')
  if (usd === null) return null
  if (usd === undefined || usd < 0 || usd > 1e6) {
    warn("implausible usage: the sender's cost is no plausible amount")
    return null
  }
  return Math.round(usd * 1e9)
}

type ResourceFields = {
  service: string | null
  environment: string | null
  release: string | null
  hashes: number[]
}

const resources = new WeakMap<OtlpResource, ResourceFields>()

function readResource(resource: OtlpResource): ResourceFields {
  const known = resources.get(resource)
  if (known !== undefined) return known
  const find = (key: string): string | null => {
    let value: AttributeValue = null
    for (const attribute of resource.attributes) if (attribute.key === key) value = attribute.value
    return shortOrNull(toText(value) ?? null)
  }
  const hashes: number[] = []
  appendHashes(hashes, resource.attributes)
  const fields: ResourceFields = {
    service: find('service.name'),
    environment: find('deployment.environment.name') ?? find('deployment.environment'),
    release: find('service.version'),
    hashes,
  }
  resources.set(resource, fields)
  return fields
}

function hashesOf(span: OtlpSpan, resource: ResourceFields): number[] {
  const hashes = resource.hashes.slice()
  appendHashes(hashes, span.attributes)
  return hashes
}
