import { SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import type {
  Attributes,
  Context,
  Span,
  SpanOptions,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api'
import { isolatedSpan, withIsolatedSpan } from './active-span.ts'
import { toAttributes } from './content.ts'
import type { ContentPolicy } from './content.ts'
import type { Fields } from './fields.ts'
import { errorMessage, errorType } from './outcome.ts'
import { ATTR_ERROR_TYPE, SCHEMA_URL, SCOPE_NAME } from './semconv.ts'
import type { SpanDraft, StartSpan } from './span-draft.ts'
import { SDK_VERSION } from './version.ts'

export type OtelRecording = {
  readonly tracer: Tracer
  /**
   * Given where processors and exporters are not only ours: content is then an attribute as soon as it
   * is known, so that nobody has to know of us. Without it, what a span says is kept beside it, whole,
   * until our exporter encodes it, off the application's path.
   */
  readonly eager?: ContentPolicy | undefined
  /**
   * Whether another vendor's tracer is the process's. Ours then stay out of the active span that its
   * spans take for their parent, and its traces are whole without ours.
   */
  readonly isIsolated?: () => boolean
  /** The wall clock in epoch milliseconds. */
  readonly now?: () => number
}

/** The tracer of our own scope. */
export function ownTracer(provider: TracerProvider): Tracer {
  return provider.getTracer(SCOPE_NAME, SDK_VERSION, { schemaUrl: SCHEMA_URL })
}

/** Records into the spans of an OpenTelemetry tracer. */
export function recordInto({
  tracer,
  eager,
  isIsolated = NEVER,
  now = Date.now,
}: OtelRecording): StartSpan {
  return ({ name, kind, startMs, fields, parent }) => {
    const isApart = isIsolated()
    const under = parentOf(parent, isApart)
    const options: SpanOptions = { kind, startTime: startMs }
    if (eager !== undefined) options.attributes = toAttributes(fields, eager)
    const span = tracer.startSpan(name, options, under)
    if (!span.isRecording()) return undefined
    const context = isApart ? withIsolatedSpan(parent, span) : trace.setSpan(parent, span)
    const write =
      eager === undefined
        ? keepBeside(span, fields)
        : (later: Fields) => span.setAttributes(toAttributes(later, eager))
    return new OtelDraft(span, context, { write, now })
  }
}

const NEVER = () => false

function parentOf(parent: Context, isApart: boolean): Context {
  const enclosing = isolatedSpan(parent)
  if (enclosing !== undefined) return trace.setSpan(parent, enclosing)
  return isApart ? withoutTheirSampling(parent) : parent
}

/** What another vendor's sampler leaves out is not left out here. */
function withoutTheirSampling(parent: Context): Context {
  const outer = trace.getSpanContext(parent)
  if (outer === undefined || outer.isRemote === true) return parent
  const traceFlags = outer.traceFlags | TraceFlags.SAMPLED
  return traceFlags === outer.traceFlags
    ? parent
    : trace.setSpanContext(parent, { ...outer, traceFlags })
}

function keepBeside(span: Span, fields: Fields): (later: Fields) => void {
  const parts = [fields]
  partsBeside.set(span, parts)
  return (later) => {
    parts.push(later)
  }
}

const partsBeside = new WeakMap<object, Fields[]>()

/** What a span says that has ended: what others set on it, then what was kept beside it. */
export function partsOf(span: { readonly attributes: Attributes }): readonly Fields[] {
  return [span.attributes, ...(partsBeside.get(span) ?? [])]
}

type DraftMeans = {
  readonly write: (fields: Fields) => unknown
  readonly now: () => number
}

class OtelDraft implements SpanDraft {
  readonly traceId: string
  readonly spanId: string
  readonly context: Context
  readonly #span: Span
  readonly #means: DraftMeans
  #isEnded = false

  constructor(span: Span, context: Context, means: DraftMeans) {
    const { traceId, spanId } = span.spanContext()
    this.traceId = traceId
    this.spanId = spanId
    this.context = context
    this.#span = span
    this.#means = means
  }

  set(fields: Fields): void {
    if (this.#isEnded) return
    quietly(() => this.#means.write(fields))
  }

  event(name: string, attributes?: Attributes): void {
    if (this.#isEnded) return
    quietly(() => this.#span.addEvent(name, attributes, this.#means.now()))
  }

  fail(error: unknown, { exception = false }: { exception?: boolean } = {}): void {
    if (this.#isEnded) return
    quietly(() => {
      this.#means.write({ [ATTR_ERROR_TYPE]: errorType(error) })
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) })
      if (exception && error instanceof Error) this.#span.recordException(error, this.#means.now())
    })
  }

  end(atMs: number): void {
    if (this.#isEnded) return
    this.#isEnded = true
    quietly(() => this.#span.end(atMs))
  }
}

/** A tracer, a getter or a field that cannot be described must not reach the application. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // What cannot be told is left out; the call is the application's.
  }
}
