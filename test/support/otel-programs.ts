import { expect } from 'vitest'
import { startOtlpReceiver } from './otlp-receiver.ts'
import type { ReceivedSpan } from './otlp-receiver.ts'
import type { InstalledSdk } from './sdk-package.ts'

/** A span as the other exporter in the process got it. */
type Exported = {
  readonly name: string
  readonly scope: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export type Outcome = {
  /** What came to Sightline. */
  readonly ours: ReceivedSpan[]
  /** What came to the application's own exporter. */
  readonly theirs: Exported[]
}

// A set-up as applications have it, with a memory for its exporter. In 2.x and 3.x the same, but for
// the package and the context manager.
export const TRACING_3 = `
  import { context, trace } from '@opentelemetry/api'
  import { NodeSDK } from '@opentelemetry/sdk-node'
  import { AlwaysOffSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
  const exporter = new InMemorySpanExporter()
  const toMemory = () => new SimpleSpanProcessor({ exporter })
  function startTracing(spanProcessors, options = {}) {
    const tracing = new NodeSDK({ spanProcessors, autoDetectResources: false, metricReaders: [], logRecordProcessors: [], ...options })
    tracing.start()
    return tracing
  }
`
export const TRACING_2 = `
  import { context, trace } from '@opentelemetry/api'
  import { AlwaysOffSampler, InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
  const exporter = new InMemorySpanExporter()
  const toMemory = () => new SimpleSpanProcessor(exporter)
  function startTracing(spanProcessors, options = {}) {
    const provider = new NodeTracerProvider({ spanProcessors, ...options })
    provider.register()
    return provider
  }
`
export const CALLS = `
  import OpenAI from 'openai'
  const openai = new OpenAI({ apiKey: 'key', maxRetries: 0 })
  const ask = () => openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] })
  const inSpan = (name, fn) => trace.getTracer('app').startActiveSpan(name, async (span) => {
    try { return await fn() } finally { span.end() }
  })
`
export const TELL = `
  console.log(JSON.stringify(exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    scope: span.instrumentationScope.name,
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
  }))))
`
/** OpenTelemetry says on standard error what it minds; nothing of that may be there. */
export const COMPLAIN = `
  import { diag, DiagConsoleLogger, DiagLogLevel } from '@opentelemetry/api'
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN)
`

/** Runs a program that ends by itself, prints what its own exporter got, and complains of nothing. */
export async function runProgram(
  installed: InstalledSdk,
  program: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  await using receiver = await startOtlpReceiver()
  const { ended } = installed.start(program, {
    SIGHTLINE_ENDPOINT: receiver.url,
    ...env,
  })
  const { code, stderr, stdout } = await ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return { ours: receiver.spans, theirs: JSON.parse(stdout) as Exported[] }
}

export const namesOf = (spans: readonly { readonly name: string }[]) =>
  spans.map(({ name }) => name).toSorted()
export const find = <T extends { readonly name: string }>(spans: readonly T[], name: string): T => {
  const found = spans.find((span) => span.name === name)
  if (found === undefined) throw new Error(`no span "${name}" among ${namesOf(spans).join(', ')}`)
  return found
}

/** The name of the span of one of `CALLS`. */
export const CHAT = 'chat gpt-4o-mini'
