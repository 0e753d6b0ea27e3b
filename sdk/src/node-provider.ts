import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import process from 'node:process'
import { context, logs, propagation, ProxyTracerProvider, trace } from '@opentelemetry/api'
import type {
  Attributes,
  Context,
  Span,
  SpanOptions,
  TextMapPropagator,
  TextMapSetter,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import { TracerProvider as SdkTracerProvider } from '@opentelemetry/sdk-trace'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { otelGlobals } from './core/otel-globals.ts'

export type NodeProviderOptions = {
  readonly resource: Attributes
  readonly spanProcessors: SpanProcessor[]
  readonly instrumentations?: NodeSDKConfiguration['instrumentations']
}

export type NodeProvider = {
  readonly tracerProvider: TracerProvider
  /** True while another vendor's tracer provider is the process's. */
  readonly isIsolated: () => boolean
  readonly shutdown: () => Promise<void>
}

/**
 * OpenTelemetry's Node SDK as the tracer provider of the process; where there is one already, or can be
 * one that ours would keep from coming, a provider of our own beside it.
 */
export function startNodeProvider(options: NodeProviderOptions): NodeProvider {
  if (isProviderRegistered() || isPlaceTaken()) return startIsolated(options)
  const own = startGlobal(options)
  // Another copy of the API was there first, in a version that ours may not add to.
  if (own === undefined) return startIsolated(options)
  keepTraceHeadersFromProviders()
  let isIsolated = false
  const release = makeWay(() => {
    isIsolated = true
  })
  own.placeholder.setDelegate(
    createYielding(own.provider, () => (isIsolated ? trace.getTracerProvider() : undefined)),
  )
  return {
    tracerProvider: own.provider,
    isIsolated: () => isIsolated,
    shutdown: async () => {
      await own.sdk.shutdown()
      release()
    },
  }
}

type GlobalProvider = {
  readonly sdk: NodeSDK
  /** What the API hands out in front of the provider. */
  readonly placeholder: ProxyTracerProvider
  readonly provider: SdkTracerProvider
}

function startGlobal(options: NodeProviderOptions): GlobalProvider | undefined {
  const { instrumentations = [] } = options
  const hadLogs = otelGlobals().logs !== undefined
  const sdk = new NodeSDK({
    resource: resourceFromAttributes(options.resource),
    spanProcessors: options.spanProcessors,
    autoDetectResources: false,
    instrumentations,
    // Unless told so, it would send metrics and logs wherever its defaults point.
    metricReaders: [],
    logRecordProcessors: [],
  })
  sdk.start()
  // Told so, it still stands in the way of whoever wants logs.
  if (!hadLogs) logs.disable()
  const placeholder = trace.getTracerProvider()
  if (!(placeholder instanceof ProxyTracerProvider)) return undefined
  const provider = placeholder.getDelegate()
  if (!(provider instanceof SdkTracerProvider)) return undefined
  // They record for us, also once the process's provider is another one.
  for (const instrumentation of instrumentations.flat()) instrumentation.setTracerProvider(provider)
  return { sdk, placeholder, provider }
}

function startIsolated({ resource, spanProcessors, instrumentations = [] }: NodeProviderOptions) {
  const provider = new SdkTracerProvider({
    resource: resourceFromAttributes(resource),
    spanProcessors,
  })
  for (const instrumentation of instrumentations.flat()) instrumentation.setTracerProvider(provider)
  return {
    tracerProvider: provider,
    isIsolated: () => true,
    shutdown: () => provider.shutdown(),
  }
}

function isProviderRegistered(): boolean {
  const provider = otelGlobals().trace
  if (!(provider instanceof ProxyTracerProvider)) return provider !== undefined
  // The placeholder stays in front of a registered provider, which then answers with its own tracers.
  return provider.getDelegateTracer('sightline') !== undefined
}

/**
 * Between two majors of OpenTelemetry npm leaves two copies of its API, and what one of them registers
 * keeps the other from registering anything. Where an application has an SDK on another version of the
 * API, the place is that one's.
 */
function isPlaceTaken(): boolean {
  const main = process.argv[1] ?? join(process.cwd(), 'main.js')
  const theirs = versionFor(main, '@opentelemetry/api')
  if (theirs === undefined || theirs === versionFor(import.meta.url, '@opentelemetry/api'))
    return false
  return SDKS.some((name) => versionFor(main, name) !== undefined)
}

/** What every SDK for traces is built on, of OpenTelemetry JS 1.x and 2.x, and of 3.x. */
const SDKS = ['@opentelemetry/sdk-trace-base', '@opentelemetry/sdk-trace']

/** Which version of a package a module gets, if any. Packages do not export their own description. */
function versionFor(importer: string, name: string): unknown {
  try {
    const file = createRequire(importer).resolve(name).replaceAll(sep, '/')
    const folder = file.slice(0, file.lastIndexOf(name) + name.length)
    return (JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version: unknown })
      .version
  } catch {
    return undefined
  }
}

/**
 * OpenTelemetry takes whoever comes first and refuses everybody after. An SDK that is set up after us
 * would lose its spans by that, so we step aside and go on beside it. Answers how to give back what is
 * still ours.
 */
function makeWay(onTracesTaken: () => void): () => void {
  const releases = [
    claim(trace, 'setGlobalTracerProvider', onTracesTaken),
    claim(context, 'setGlobalContextManager'),
    claim(propagation, 'setGlobalPropagator'),
  ]
  return () => {
    for (const release of releases) release()
  }
}

/** What is registered gives way to the next one that is; the method works as ever. */
function claim(api: { disable(): void }, method: string, onTaken?: () => void): () => void {
  let isOurs = true
  function giveBack(): void {
    if (!isOurs) return
    isOurs = false
    Reflect.deleteProperty(api, method)
    api.disable()
  }
  function register(...args: unknown[]): unknown {
    giveBack()
    onTaken?.()
    const original: unknown = Reflect.get(api, method)
    return typeof original === 'function' ? Reflect.apply(original, api, args) : false
  }
  Object.defineProperty(api, method, { value: register, configurable: true, writable: true })
  return giveBack
}

/** Whoever got a tracer of ours keeps it; its spans go to the successor, once there is one. */
function createYielding(
  own: TracerProvider,
  successor: () => TracerProvider | undefined,
): TracerProvider {
  const getTracer = (...scope: Parameters<TracerProvider['getTracer']>): Tracer => {
    const tracer = own.getTracer(...scope)
    const current = () => successor()?.getTracer(...scope) ?? tracer
    return {
      startSpan: (name: string, options?: SpanOptions, parent?: Context): Span =>
        current().startSpan(name, options, parent),
      startActiveSpan: (...args: unknown[]): unknown => {
        const to: { startActiveSpan: (...given: never[]) => unknown } = current()
        return to.startActiveSpan(...(args as never[]))
      },
    } as Tracer
  }
  // Everything else is the provider's, flushing too.
  return Object.create(own, { getTracer: { value: getTracer } }) as TracerProvider
}

// The client of Anthropic makes spans of its own where a provider is registered, and tells Anthropic.
const CLIENT_SCOPE = 'com.anthropic.sdk.typescript'

/** Because of us there is a propagator; a client that then sends trace headers to its API sends none. */
function keepTraceHeadersFromProviders(): void {
  const registered = otelGlobals().propagation
  if (registered === undefined) return
  propagation.disable()
  propagation.setGlobalPropagator(withoutClients(registered))
}

function withoutClients(propagator: TextMapPropagator): TextMapPropagator {
  return {
    fields: () => propagator.fields(),
    extract: (parent, carrier, getter) => propagator.extract(parent, carrier, getter),
    inject: (active: Context, carrier: unknown, setter: TextMapSetter) => {
      if (!isClientSpan(trace.getSpan(active))) propagator.inject(active, carrier, setter)
    },
  }
}

function isClientSpan(span: object | undefined): boolean {
  const scope: unknown = span === undefined ? undefined : Reflect.get(span, 'instrumentationScope')
  if (typeof scope !== 'object' || scope === null || !('name' in scope)) return false
  return typeof scope.name === 'string' && scope.name.startsWith(CLIENT_SCOPE)
}
