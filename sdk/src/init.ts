import { createHash, randomUUID } from 'node:crypto'
import { context, diag, propagation, ProxyTracerProvider, trace } from '@opentelemetry/api'
import type { Tracer, TracerProvider } from '@opentelemetry/api'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import type { Resource } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { TracerProvider as SdkTracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { resolveConfig } from './config.ts'
import type { Config, InitOptions } from './config.ts'
import { DEFAULT_DELIVERY, Delivery } from './core/delivery.ts'
import { endOpenCalls } from './core/open-calls.ts'
import { setRuntime } from './core/runtime.ts'
import * as names from './core/semconv.ts'
import { SDK_VERSION } from './core/version.ts'
import { installExitHooks } from './exit-hooks.ts'
import { createHttpTransport } from './http-transport.ts'
import { encodeSpans, sizeOfSpan, SightlineSpanProcessor } from './span-processor.ts'

/** A running SDK; the same as the functions `flush` and `shutdown`. */
export type Sightline = {
  flush(options?: FlushOptions): Promise<boolean>
  shutdown(options?: FlushOptions): Promise<boolean>
}

export type FlushOptions = {
  /** How long to wait for the collector, 10 s unless given. */
  readonly timeoutMs?: number
}

type Running = {
  readonly flush: (timeoutMs: number) => Promise<boolean>
  readonly stop: () => Promise<void>
}

const FLUSH_TIMEOUT_MS = 10_000
const EXIT_TIMEOUT_MS = 2_000

let running: Running | undefined

/**
 * Starts recording and sending. Never throws; a second call changes nothing.
 *
 * @example
 * init({ service: 'support-chat', release: '1.4.0', environment: 'production' })
 */
export function init(options: InitOptions = {}): Sightline {
  if (running !== undefined) {
    diag.warn('sightline: init was called before; the first call stands')
  } else if (options.disabled !== true) {
    try {
      running = start(options)
    } catch (error) {
      diag.error('sightline: cannot start, the application runs without it', error)
    }
  }
  return { flush, shutdown }
}

/**
 * Sends everything that has ended. True when the collector has acknowledged all of it in time.
 *
 * @example
 * await flush({ timeoutMs: 2_000 })
 */
export async function flush({ timeoutMs = FLUSH_TIMEOUT_MS }: FlushOptions = {}): Promise<boolean> {
  try {
    return (await running?.flush(timeoutMs)) ?? true
  } catch (error) {
    diag.error('sightline: flush failed', error)
    return false
  }
}

/**
 * Ends open spans, sends everything and stops; wrapped clients work on without being recorded.
 *
 * @example
 * await shutdown()
 */
export async function shutdown({
  timeoutMs = FLUSH_TIMEOUT_MS,
}: FlushOptions = {}): Promise<boolean> {
  const stopping = running
  if (stopping === undefined) return true
  running = undefined
  endOpenCalls()
  setRuntime(undefined)
  try {
    const isDelivered = await stopping.flush(timeoutMs)
    await stopping.stop()
    return isDelivered
  } catch (error) {
    diag.error('sightline: shutdown failed', error)
    return false
  }
}

function start(options: InitOptions): Running {
  const config = resolveConfig(options)
  const { tracerProvider } = options
  const started =
    tracerProvider === undefined ? startOwn(options, config) : startJoined(tracerProvider)
  setRuntime({
    tracer: started.tracer,
    content: config.content,
    now: options.now ?? Date.now,
    digest: (text) => createHash('sha256').update(text, 'base64').digest('hex'),
  })
  return started
}

type Started = Running & { readonly tracer: Tracer }

/** Another provider's exporters deliver. */
function startJoined(provider: TracerProvider): Started {
  const flushable: TracerProvider & { forceFlush?: () => Promise<void> } = provider
  return {
    tracer: getTracer(provider),
    flush: async () => {
      await flushable.forceFlush?.()
      return true
    },
    stop: async () => undefined,
  }
}

function startOwn(options: InitOptions, { tracesUrl, apiKey }: Config): Started {
  let undelivered = 0
  const delivery = new Delivery<ReadableSpan>({
    ...DEFAULT_DELIVERY,
    encode: encodeSpans,
    sizeOf: sizeOfSpan,
    transport: createHttpTransport({
      url: tracesUrl,
      headers: {
        'user-agent': `sightline-sdk/${SDK_VERSION}`,
        ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      },
    }),
    onDrop: (count, why) => {
      diag.warn(`sightline: ${count} spans dropped: ${why}`)
      options.onDrop?.(count, why)
    },
  })
  const uninstall = installExitHooks({
    drain: async () => {
      endOpenCalls()
      if (await delivery.flush(EXIT_TIMEOUT_MS)) return
      undelivered += delivery.discard('the process ended before the collector took them')
    },
    onExit: () => {
      const lost = undelivered + delivery.pending
      if (lost > 0)
        process.stderr.write(`sightline: ${lost} spans not delivered to ${tracesUrl.origin}\n`)
    },
  })
  const provider = startProvider(options, new SightlineSpanProcessor(delivery))
  return {
    tracer: getTracer(provider.tracerProvider),
    flush: (timeoutMs) => delivery.flush(timeoutMs),
    stop: async () => {
      uninstall()
      delivery.discard('the SDK was shut down before the collector took them')
      await provider.shutdown()
    },
  }
}

type StartedProvider = {
  readonly tracerProvider: TracerProvider
  readonly shutdown: () => Promise<void>
}

/** OpenTelemetry's Node SDK, global; beside a provider that is global already, one of our own. */
function startProvider(options: InitOptions, processor: SpanProcessor): StartedProvider {
  const resource = toResource(options)
  const spanProcessors = [processor]
  if (isProviderRegistered()) {
    const own = new SdkTracerProvider({ resource, spanProcessors })
    return { tracerProvider: own, shutdown: () => own.shutdown() }
  }
  const sdk = new NodeSDK({
    resource,
    spanProcessors,
    autoDetectResources: false,
    // Unless told so, it would send metrics and logs wherever its defaults point.
    metricReaders: [],
    logRecordProcessors: [],
    ...(options.instrumentations === undefined
      ? {}
      : { instrumentations: options.instrumentations }),
  })
  sdk.start()
  return {
    tracerProvider: trace.getTracerProvider(),
    shutdown: async () => {
      await sdk.shutdown()
      trace.disable()
      context.disable()
      propagation.disable()
    },
  }
}

function isProviderRegistered(): boolean {
  const provider = trace.getTracerProvider()
  // The placeholder stays in front of a registered provider, which then answers with its own tracers.
  return (
    !(provider instanceof ProxyTracerProvider) ||
    provider.getDelegateTracer('sightline') !== undefined
  )
}

function getTracer(provider: TracerProvider): Tracer {
  return provider.getTracer(names.SCOPE_NAME, SDK_VERSION, { schemaUrl: names.SCHEMA_URL })
}

function toResource({ service, environment, release }: InitOptions): Resource {
  return defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(
      resourceFromAttributes({
        [names.RESOURCE_SDK_INSTANCE]: randomUUID(),
        ...(service === undefined ? {} : { [names.RESOURCE_SERVICE_NAME]: service }),
        ...(release === undefined ? {} : { [names.RESOURCE_SERVICE_VERSION]: release }),
        ...(environment === undefined ? {} : { [names.RESOURCE_ENVIRONMENT]: environment }),
      }),
    )
}
