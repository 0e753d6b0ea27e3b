import type { Context } from '@opentelemetry/api'
import { activeContext, runInContext } from '../core/active-context.ts'
import { getRuntime } from '../core/runtime.ts'
import { asRecord } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { override } from '../tap/override.ts'
import type { Restore } from '../tap/override.ts'
import { addTraceHeaders } from '../tap/propagate.ts'
import { recorderInContext } from '../tap/tap-retries.ts'

type Fetch = (...args: unknown[]) => unknown

/**
 * Counts the attempts of a call that the client may retry: it makes each with the `fetch` that its
 * private method is given last. Without such a method there is no count, and nothing else changes.
 */
export function tapAttempts(client: UnknownRecord): Restore {
  const apiClient = asRecord(client['apiClient'])
  const apiCall = apiClient?.['apiCall']
  if (apiClient === undefined || typeof apiCall !== 'function') return () => undefined
  return override(apiClient, 'apiCall', function counted(this: unknown, ...args: unknown[]) {
    const [url, init, retryOptions, timeout, abortSignal, given] = args
    if (retryOptions === undefined) return Reflect.apply(apiCall, this, args) as unknown
    const send = (typeof given === 'function' ? given : fetch) as Fetch
    const recorder = recorderInContext()
    let isFirst = true
    const attempt: Fetch = (...request) => {
      if (!isFirst) recorder?.retried()
      isFirst = false
      return send(...request)
    }
    const counting = [url, init, retryOptions, timeout, abortSignal, attempt]
    return Reflect.apply(apiCall, this, counting) as unknown
  })
}

/** Sends the call's trace context along with each request. */
export function propagateTrace(client: UnknownRecord): Restore {
  const apiClient = asRecord(client['apiClient'])
  const makeHeaders = apiClient?.['getHeadersInternal']
  if (apiClient === undefined || typeof makeHeaders !== 'function') return () => undefined
  return override(
    apiClient,
    'getHeadersInternal',
    async function traced(this: unknown, ...args: unknown[]) {
      const headers: unknown = await Reflect.apply(makeHeaders, this, args)
      addTraceHeaders(headers)
      return headers
    },
  )
}

/**
 * A stream with automatic function calling sends its requests while somebody reads it. They belong where
 * the call was made, so it is read in that context.
 */
export function keepContext(models: UnknownRecord | undefined): Restore {
  const open = models?.['processAfcStream']
  if (models === undefined || typeof open !== 'function') return () => undefined
  return override(models, 'processAfcStream', function kept(this: unknown, ...args: unknown[]) {
    const result: unknown = Reflect.apply(open, this, args)
    if (getRuntime() === undefined || !(result instanceof Promise)) return result
    const context = activeContext()
    // The method that called this one waits for the promise itself.
    result.then(
      (stream: unknown) => bindSteps(stream, context),
      () => undefined,
    )
    return result
  })
}

function bindSteps(stream: unknown, context: Context): void {
  const generator = asRecord(stream)
  if (generator === undefined) return
  for (const method of ['next', 'return', 'throw']) {
    const step = generator[method]
    if (typeof step !== 'function') continue
    override(generator, method, (...args: unknown[]) =>
      runInContext(context, () => Reflect.apply(step, generator, args) as unknown),
    )
  }
}
