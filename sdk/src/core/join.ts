import { diag } from '@opentelemetry/api'
import type { Attributes, TracerProvider } from '@opentelemetry/api'
import { isTurnedOff, resolveConfig } from './config.ts'
import type { CoreOptions } from './config.ts'
import { deliverAtExit } from './exit-hooks.ts'
import { shutdown, startOnce } from './lifecycle.ts'
import { otelGlobals } from './otel-globals.ts'
import { ownTracer, recordInto } from './otel-recorder.ts'
import type { OtelRecording } from './otel-recorder.ts'
import { logOwn, recordOwn } from './own-recorder.ts'
import { startPipeline } from './pipeline.ts'
import type { Pipeline } from './pipeline.ts'
import { resourceOf } from './resource.ts'
import { setRuntime } from './runtime.ts'
import { createSampler } from './sampling.ts'
import * as names from './semconv.ts'
import type { StartSpan } from './span-draft.ts'
import { selectSpans } from './span-filter.ts'
import type { SpanSelection } from './span-filter.ts'
import { SightlineSpanProcessor } from './span-processor.ts'
import type { SpanProcessorLike } from './span-processor.ts'

/**
 * How Sightline joins an application's own OpenTelemetry set-up.
 *
 * @example
 * const options: ProcessorOptions = { apiKey: 'sl_…', spans: 'genai' }
 */
export type ProcessorOptions = CoreOptions & {
  /**
   * `all` spans of the provider go to Sightline, or those of model calls, agents and tools with the
   * spans around them: `genai`. `all` unless given.
   */
  readonly spans?: SpanSelection
}

/**
 * Joins an OpenTelemetry set-up of your own, of OpenTelemetry JS 2.x or 3.x, as one of its span
 * processors. Wrapped clients and observed functions record into its spans, which your exporters see
 * as well; there is no `init` besides. Never throws.
 *
 * @example
 * const sdk = new NodeSDK({ spanProcessors: [sightlineProcessor(), new BatchSpanProcessor(exporter)] })
 * sdk.start()
 */
export function sightlineProcessor(options: ProcessorOptions = {}): SpanProcessorLike {
  if (isTurnedOff(options)) return IDLE
  try {
    return join(options)
  } catch (error) {
    diag.error('sightline: cannot join, the application runs without it', error)
    return IDLE
  }
}

const IDLE: SpanProcessorLike = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
}

const FLUSH_TIMEOUT_MS = 10_000

function join(options: ProcessorOptions): SpanProcessorLike {
  const config = resolveConfig(options)
  const { onDrop, waitUntil, now = Date.now, spans = 'all' } = options
  const pipeline = startPipeline({ ...config, onDrop, waitUntil })
  const recorder = { pipeline, resource: resourceOf(options), decide: createSampler(options), now }
  const joined = new JoinedRecorder(recordOwn(recorder), { eager: config.content, now })
  const flush = () => pipeline.flush(FLUSH_TIMEOUT_MS)
  let hasTaps = false
  const processor = new SightlineSpanProcessor({
    addSpan: (record) => pipeline.addSpan(record),
    flush,
    // The taps end with the provider that they record into.
    shutdown: async () => {
      if (hasTaps) return shutdown()
      await flush()
      return stop()
    },
    resource: givenResource(options, recorder.resource),
    isSent: selectSpans(spans),
    decide: recorder.decide,
    onStart: () => joined.saw(),
  })
  const delivered = waitingForResources(pipeline, processor)
  const uninstall = deliverAtExit(delivered)
  async function stop(): Promise<void> {
    uninstall()
    processor.close()
    delivered.discard('the SDK was shut down before the collector took them')
    pipeline.close()
  }
  startOnce(false, () => {
    hasTaps = true
    const { startSpan } = joined
    setRuntime({ startSpan, emitLog: logOwn(recorder), content: config.content, now })
    return { flush: (timeoutMs) => delivered.flush(timeoutMs), stop }
  })
  return processor
}

/** A pipeline as those see it who want everything delivered: spans that wait for their resource count. */
function waitingForResources(pipeline: Pipeline, processor: SightlineSpanProcessor): Pipeline {
  return {
    origin: pipeline.origin,
    get pending() {
      return pipeline.pending + processor.waiting
    },
    get lost() {
      return pipeline.lost + processor.waiting
    },
    get complaint() {
      return pipeline.complaint
    },
    addSpan: (record) => pipeline.addSpan(record),
    addLog: (record) => pipeline.addLog(record),
    flush: async (timeoutMs) => {
      await processor.settle()
      return pipeline.flush(timeoutMs)
    },
    discard: (why) => pipeline.discard(why),
    close: () => pipeline.close(),
  }
}

/** What the options say of the sender; the rest is what the application's own resource says. */
function givenResource(options: ProcessorOptions, resource: Attributes): Attributes {
  const { service, environment, release, resourceAttributes = {} } = options
  const given = [
    names.RESOURCE_SDK_INSTANCE,
    ...Object.keys(resourceAttributes),
    ...(service === undefined ? [] : [names.RESOURCE_SERVICE_NAME]),
    ...(environment === undefined ? [] : [names.RESOURCE_ENVIRONMENT]),
    ...(release === undefined ? [] : [names.RESOURCE_SERVICE_VERSION]),
  ]
  return Object.fromEntries(given.map((name) => [name, resource[name]]))
}

type Recording = Omit<OtelRecording, 'tracer'>

/**
 * Records into the provider that is registered for the process, if our processor is one of its
 * processors. If it is not, spans recorded there would never come to us: then they are our own.
 */
class JoinedRecorder {
  readonly #ownSpan: StartSpan
  readonly #recording: Recording
  #provider: TracerProvider | undefined
  #joinedSpan: StartSpan | undefined
  #isConfirmed = false
  #hasSeen = false

  constructor(ownSpan: StartSpan, recording: Recording) {
    this.#ownSpan = ownSpan
    this.#recording = recording
  }

  /** Our processor was shown a span that starts. */
  saw(): void {
    this.#hasSeen = true
  }

  readonly startSpan: StartSpan = (start) => {
    const provider = otelGlobals().trace
    if (provider !== this.#provider) this.#setProvider(provider)
    if (this.#joinedSpan === undefined) return this.#ownSpan(start)
    this.#hasSeen = false
    const draft = this.#joinedSpan(start)
    if (this.#isConfirmed || draft === undefined) return draft
    this.#isConfirmed = this.#hasSeen
    if (this.#isConfirmed) return draft
    // Never ended, the span that has begun over there is never sent.
    this.#joinedSpan = undefined
    return this.#ownSpan(start)
  }

  #setProvider(provider: TracerProvider | undefined): void {
    this.#provider = provider
    this.#isConfirmed = false
    this.#joinedSpan =
      provider === undefined
        ? undefined
        : recordInto({ ...this.#recording, tracer: ownTracer(provider) })
  }
}
