import { isTurnedOff, resolveConfig } from './config.ts'
import type { CoreOptions } from './config.ts'
import { deliverAtExit } from './exit-hooks.ts'
import { startOnce } from './lifecycle.ts'
import type { Running, Sightline } from './lifecycle.ts'
import { logOwn, recordOwn } from './own-recorder.ts'
import { startPipeline } from './pipeline.ts'
import { resourceOf } from './resource.ts'
import { setRuntime } from './runtime.ts'
import { createSampler } from './sampling.ts'

/**
 * Starts recording and sending by our own means: no OpenTelemetry SDK, no global of any kind. Never
 * throws; a second call changes nothing.
 *
 * @example
 * init({ service: 'support-chat', release: '1.4.0', environment: 'production' })
 */
export function init(options: CoreOptions = {}): Sightline {
  return startOnce(isTurnedOff(options), () => start(options))
}

function start(options: CoreOptions): Running {
  const config = resolveConfig(options)
  const { onDrop, waitUntil, now = Date.now } = options
  const pipeline = startPipeline({ ...config, onDrop, waitUntil })
  const uninstall = deliverAtExit(pipeline)
  const recorder = {
    pipeline,
    resource: resourceOf(options),
    decide: createSampler(options),
    now,
  }
  setRuntime({
    startSpan: recordOwn(recorder),
    emitLog: logOwn(recorder),
    content: config.content,
    now,
  })
  return {
    flush: (timeoutMs) => pipeline.flush(timeoutMs),
    stop: async () => {
      uninstall()
      pipeline.discard('the SDK was shut down before the collector took them')
      pipeline.close()
    },
  }
}
