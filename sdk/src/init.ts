import type { TracerProvider } from '@opentelemetry/api'
import type { InitOptions } from './config.ts'
import { isTurnedOff, resolveConfig } from './core/config.ts'
import type { Config } from './core/config.ts'
import { deliverAtExit } from './core/exit-hooks.ts'
import { startOnce } from './core/lifecycle.ts'
import type { Running, Sightline } from './core/lifecycle.ts'
import { ownTracer, recordInto } from './core/otel-recorder.ts'
import { logOwn } from './core/own-recorder.ts'
import type { OwnRecorderOptions } from './core/own-recorder.ts'
import { startPipeline } from './core/pipeline.ts'
import { resourceOf } from './core/resource.ts'
import { setRuntime } from './core/runtime.ts'
import { createSampler } from './core/sampling.ts'
import type { StartSpan } from './core/span-draft.ts'
import { selectSpans } from './core/span-filter.ts'
import { SightlineSpanProcessor } from './core/span-processor.ts'
import { startNodeProvider } from './node-provider.ts'

export { flush, shutdown } from './core/lifecycle.ts'
export type { FlushOptions, Sightline } from './core/lifecycle.ts'

/**
 * Starts recording and sending, with OpenTelemetry's Node SDK as the process's tracer provider. Beside
 * a provider that is registered already, or is later, it goes on by itself; to join one, use
 * `sightlineProcessor` in its place. Never throws; a second call changes nothing.
 *
 * @example
 * init({ service: 'support-chat', release: '1.4.0', environment: 'production' })
 */
export function init(options: InitOptions = {}): Sightline {
  return startOnce(isTurnedOff(options), () => start(options))
}

const FLUSH_TIMEOUT_MS = 10_000

function start(options: InitOptions): Running {
  const config = resolveConfig(options)
  const { onDrop, waitUntil, now = Date.now, tracerProvider } = options
  const pipeline = startPipeline({ ...config, onDrop, waitUntil })
  const recorder = {
    pipeline,
    resource: resourceOf(options),
    decide: createSampler(options),
    now,
  }
  const uninstall = deliverAtExit(pipeline)
  const spans =
    tracerProvider === undefined
      ? startProvider(options, recorder)
      : recordIntoGiven(tracerProvider, config, now)
  setRuntime({
    startSpan: spans.startSpan,
    emitLog: logOwn(recorder),
    content: config.content,
    now,
  })
  return {
    flush: async (timeoutMs) => {
      await spans.flush()
      return pipeline.flush(timeoutMs)
    },
    stop: async () => {
      uninstall()
      pipeline.discard('the SDK was shut down before the collector took them')
      await spans.stop()
      pipeline.close()
    },
  }
}

type Spans = {
  readonly startSpan: StartSpan
  readonly flush: () => Promise<unknown>
  readonly stop: () => Promise<void>
}

/** A provider's own exporters deliver; only scores take our way. */
function recordIntoGiven(provider: TracerProvider, { content }: Config, now: () => number): Spans {
  const flushable: TracerProvider & { forceFlush?: () => Promise<void> } = provider
  return {
    startSpan: recordInto({ tracer: ownTracer(provider), eager: content, now }),
    flush: async () => flushable.forceFlush?.(),
    stop: async () => undefined,
  }
}

function startProvider(options: InitOptions, recorder: OwnRecorderOptions): Spans {
  const { pipeline, resource, decide, now } = recorder
  const { spanProcessors = [], instrumentations } = options
  const flush = () => pipeline.flush(FLUSH_TIMEOUT_MS)
  const processor = new SightlineSpanProcessor({
    addSpan: (record) => pipeline.addSpan(record),
    flush,
    shutdown: flush,
    resource,
    isSent: selectSpans('all'),
    decide,
  })
  const provider = startNodeProvider({
    resource,
    spanProcessors: [processor, ...spanProcessors],
    ...(instrumentations === undefined ? {} : { instrumentations }),
  })
  const tracer = ownTracer(provider.tracerProvider)
  const { isIsolated } = provider
  const eager = spanProcessors.length === 0 ? undefined : resolveConfig(options).content
  return {
    startSpan: recordInto({ tracer, eager, isIsolated, now }),
    flush: () => Promise.all(spanProcessors.map((other) => other.forceFlush())),
    stop: async () => {
      processor.close()
      await provider.shutdown()
    },
  }
}
