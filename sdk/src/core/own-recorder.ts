import { isSpanContextValid, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import type { Attributes, Context, HrTime, SpanContext, SpanStatus } from '@opentelemetry/api'
import type { Fields } from './fields.ts'
import { newIds, newSpanId } from './ids.ts'
import { errorMessage, errorType } from './outcome.ts'
import type { Pipeline } from './pipeline.ts'
import type { DecideSample } from './sampling.ts'
import { ATTR_ERROR_TYPE, SCHEMA_URL, SCOPE_NAME } from './semconv.ts'
import type { LogDraft, SpanDraft, SpanStart, StartSpan } from './span-draft.ts'
import type { RecordedEvent, Scope, SpanRecord } from './span-record.ts'
import { withSpanContext } from './span-context.ts'
import { isTracingSuppressed } from './suppress-tracing.ts'
import { SDK_VERSION } from './version.ts'

/** Our own scope, on every record of ours. */
const SCOPE: Scope = { name: SCOPE_NAME, version: SDK_VERSION, schemaUrl: SCHEMA_URL }

// OTLP says beside the trace flags whether the parent came from another process.
const FLAGS_LOCAL = 0x100
const FLAGS_REMOTE = 0x300
const MAX_EVENTS = 128
const NO_EVENTS: readonly RecordedEvent[] = []
const UNSET: SpanStatus = { code: SpanStatusCode.UNSET }

export type OwnRecorderOptions = {
  readonly pipeline: Pipeline
  readonly resource: Attributes
  readonly decide: DecideSample | undefined
  readonly now: () => number
}

/** Records spans of our own and hands them to the pipeline when they end. */
export function recordOwn(options: OwnRecorderOptions): StartSpan {
  return (start) => {
    const { parent } = start
    if (isTracingSuppressed(parent)) return undefined
    const outer = trace.getSpanContext(parent)
    if (outer === undefined || !isSpanContextValid(outer)) {
      return new OwnDraft(options, start, undefined)
    }
    // Whoever began the trace has decided for all of it.
    const isSampled = (outer.traceFlags & TraceFlags.SAMPLED) !== 0
    return isSampled ? new OwnDraft(options, start, outer) : undefined
  }
}

/** Hands scores and feedback to the pipeline. */
export function logOwn({ pipeline, resource }: OwnRecorderOptions): (log: LogDraft) => void {
  return ({ eventName, atMs, fields, traceId, spanId }) => {
    const time = toHrTime(atMs)
    pipeline.addLog({ eventName, time, traceId, spanId, fields, resource, scope: SCOPE })
  }
}

class OwnDraft implements SpanDraft {
  readonly traceId: string
  readonly spanId: string
  readonly #options: OwnRecorderOptions
  readonly #start: SpanStart
  readonly #outer: SpanContext | undefined
  /** As they came: putting them together would cost the call more than all the rest. */
  readonly #parts: Fields[]
  #events = NO_EVENTS
  #droppedEvents = 0
  #status = UNSET
  #context: Context | undefined
  #isEnded = false

  constructor(options: OwnRecorderOptions, start: SpanStart, outer: SpanContext | undefined) {
    if (outer === undefined) {
      const ids = newIds()
      this.traceId = ids.slice(0, 32)
      this.spanId = ids.slice(32)
    } else {
      this.traceId = outer.traceId
      this.spanId = newSpanId()
    }
    this.#options = options
    this.#start = start
    this.#outer = outer
    this.#parts = [start.fields]
  }

  get context(): Context {
    this.#context ??= withSpanContext(this.#start.parent, {
      traceId: this.traceId,
      spanId: this.spanId,
      traceFlags: TraceFlags.SAMPLED,
      ...(this.#outer?.traceState === undefined ? {} : { traceState: this.#outer.traceState }),
    })
    return this.#context
  }

  set(fields: Fields): void {
    if (!this.#isEnded) this.#parts.push(fields)
  }

  event(name: string, attributes?: Attributes): void {
    if (this.#isEnded) return
    if (this.#events.length >= MAX_EVENTS) this.#droppedEvents += 1
    else {
      const time = toHrTime(this.#options.now())
      this.#events = [...this.#events, { name, time, attributes }]
    }
  }

  fail(error: unknown, { exception = false }: { exception?: boolean } = {}): void {
    if (this.#isEnded) return
    const message = errorMessage(error)
    this.#parts.push({ [ATTR_ERROR_TYPE]: errorType(error) })
    this.#status = { code: SpanStatusCode.ERROR, message }
    if (!exception || !(error instanceof Error)) return
    this.event('exception', {
      'exception.type': errorType(error),
      'exception.message': message,
      'exception.stacktrace': stackOf(error),
    })
  }

  end(atMs: number): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const { pipeline, resource, decide } = this.#options
    const { name, kind, startMs } = this.#start
    const outer = this.#outer
    const record: SpanRecord = {
      traceId: this.traceId,
      spanId: this.spanId,
      parentSpanId: outer?.spanId,
      traceState: outer?.traceState?.serialize(),
      flags: TraceFlags.SAMPLED | (outer?.isRemote === true ? FLAGS_REMOTE : FLAGS_LOCAL),
      name,
      kind,
      start: toHrTime(startMs),
      end: toHrTime(Math.max(atMs, startMs)),
      parts: this.#parts,
      events: this.#events,
      links: NO_LINKS,
      status: this.#status,
      resource,
      scope: SCOPE,
      droppedEventsCount: this.#droppedEvents,
    }
    if (decide === undefined) return pipeline.addSpan(record)
    const kept = decide(record)
    if (kept !== undefined) pipeline.addSpan(kept)
  }
}

const NO_LINKS: SpanRecord['links'] = []
const MAX_STACK_CHARS = 8_000

/** A stack may be made by the application's own code, when it is first asked for. */
function stackOf(error: Error): string {
  try {
    return String(error.stack ?? '').slice(0, MAX_STACK_CHARS)
  } catch {
    return ''
  }
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000)
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)]
}
