import type { Attributes, Context } from '@opentelemetry/api'
import { toRecord } from './ended-span.ts'
import type { EndedSpan, SpanResource } from './ended-span.ts'
import { partsOf } from './otel-recorder.ts'
import type { DecideSample } from './sampling.ts'
import type { SpanRecord } from './span-record.ts'
import { setIdleTimeout } from './timers.ts'

/**
 * A span processor of OpenTelemetry JS 2.x and 3.x, for the `spanProcessors` of a `NodeSDK` or a
 * `TracerProvider`.
 *
 * @example
 * const processor: SpanProcessorLike = sightlineProcessor()
 */
export interface SpanProcessorLike {
  onStart(span: object, parentContext: Context): void
  onEnd(span: EndedSpan): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

type Options = {
  readonly addSpan: (record: SpanRecord) => void
  /** Sends what was added. */
  readonly flush: () => Promise<unknown>
  /** Sends what was added, and stops. */
  readonly shutdown: () => Promise<unknown>
  /** What the resource of every span says besides. */
  readonly resource: Attributes
  readonly isSent: (span: EndedSpan) => boolean
  readonly decide?: DecideSample | undefined
  readonly onStart?: () => void
}

// Detectors ask files and cloud metadata; who they are is known before, and worth no longer wait.
const RESOURCE_TIMEOUT_MS = 5_000
const MAX_WAITING = 5_000

/** Hands each span that has ended to our own pipeline, as it is. */
export class SightlineSpanProcessor implements SpanProcessorLike {
  readonly #options: Options
  readonly #resources = new WeakMap<SpanResource, Attributes>()
  readonly #settling = new Map<SpanResource, Promise<void>>()
  #waiting = 0
  #isClosed = false

  constructor(options: Options) {
    this.#options = options
  }

  /** Spans held until their resource is known. */
  get waiting(): number {
    return this.#waiting
  }

  onStart(): void {
    this.#options.onStart?.()
  }

  onEnd(span: EndedSpan): void {
    if (this.#isClosed || !this.#options.isSent(span)) return
    const settled = this.#whenSettled(span.resource)
    if (settled === undefined || this.#waiting >= MAX_WAITING) return this.#add(span)
    this.#waiting++
    void settled.then(() => {
      this.#waiting--
      this.#add(span)
    })
  }

  async forceFlush(): Promise<void> {
    await this.settle()
    await this.#options.flush()
  }

  /** Takes no more: the provider's spans go on, and are no longer of interest. */
  close(): void {
    this.#isClosed = true
  }

  /** Settles when no span waits for its resource any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#settling.values())
  }

  async shutdown(): Promise<void> {
    await this.settle()
    await this.#options.shutdown()
  }

  #add(span: EndedSpan): void {
    const record = toRecord(span, {
      parts: partsOf(span),
      resource: this.#attributesOf(span.resource),
    })
    const { decide, addSpan } = this.#options
    const decided = decide === undefined ? record : decide(record)
    if (decided !== undefined) addSpan(decided)
  }

  /** One object for each resource, by which the encoder groups. */
  #attributesOf(resource: SpanResource): Attributes {
    let attributes = this.#resources.get(resource)
    if (attributes === undefined) {
      attributes = { ...resource.attributes, ...this.#options.resource }
      this.#resources.set(resource, attributes)
    }
    return attributes
  }

  #whenSettled(resource: SpanResource): Promise<void> | undefined {
    const running = this.#settling.get(resource)
    if (running !== undefined || resource.asyncAttributesPending !== true) return running
    if (this.#resources.has(resource)) return undefined
    const settled = settle(resource).finally(() => this.#settling.delete(resource))
    this.#settling.set(resource, settled)
    return settled
  }
}

/** Never rejects: a resource of which something stays unknown is sent as it is. */
async function settle(resource: SpanResource): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const timer = setIdleTimeout(ended.resolve, RESOURCE_TIMEOUT_MS)
  try {
    await Promise.race([resource.waitForAsyncAttributes?.(), ended.promise])
  } catch {
    // Its detectors failed; the rest of it is known.
  }
  clearTimeout(timer)
}
