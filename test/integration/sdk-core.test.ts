import { AsyncLocalStorage } from 'node:async_hooks'
import { context, createContextKey, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import type { Context, ContextManager } from '@opentelemetry/api'
import { flush, init, observe, shutdown, withContext } from '@sightline/sdk/core'
import type { ObservedSpan } from '@sightline/sdk/core'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { OtlpReceiver, ReceivedSpan } from '../support/otlp-receiver.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'

let receiver: OtlpReceiver

beforeAll(async () => {
  receiver = await startOtlpReceiver()
})

afterEach(async () => {
  await shutdown({ timeoutMs: 0 })
  context.disable()
  receiver.spans.length = 0
  receiver.requests.length = 0
})

afterAll(async () => {
  await receiver[Symbol.asyncDispose]()
})

function start(options: Parameters<typeof init>[0] = {}): void {
  init({ endpoint: receiver.url, service: 'core', ...options })
}

async function delivered(): Promise<ReadonlyMap<string, ReceivedSpan>> {
  expect(await flush()).toBe(true)
  return new Map(receiver.spans.map((span) => [span.name, span]))
}

const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

const inner = observe({ name: 'inner', kind: 'tool' }, async (value: string) => {
  await pause()
  return value
})
const outer = observe({ name: 'outer', kind: 'agent' }, async (value: string) => {
  await pause()
  return inner(value)
})

/** What applications with an OpenTelemetry SDK have. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()
  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }
  with: ContextManager['with'] = (active, fn, ...[thisArg, ...args]) =>
    this.#storage.run(active, () => Reflect.apply(fn, thisArg, args))
  bind<T>(_: Context, target: T): T {
    return target
  }
  enable(): this {
    return this
  }
  disable(): this {
    this.#storage.disable()
    return this
  }
}

describe('spans nest', () => {
  test('without any context manager, which stays so', async () => {
    start()

    await Promise.all([outer('one'), outer('two')])

    await delivered()
    const traces = Map.groupBy(receiver.spans, ({ traceId }) => traceId)
    expect(traces.size).toBe(2)
    for (const spans of traces.values()) {
      const byName = new Map(spans.map((span) => [span.name, span]))
      const parent = byName.get('invoke_agent outer')
      expect(byName.get('execute_tool inner')?.parentSpanId).toBe(parent?.spanId)
      expect(parent?.parentSpanId).toBe('')
    }
    // Nobody else's spans are decided about: the global manager is still none.
    context.with(trace.setSpanContext(ROOT_CONTEXT, foreign()), () => {
      expect(trace.getActiveSpan()).toBeUndefined()
    })
  })

  test.each(['before', 'after'])('with a context manager that came %s us', async (when) => {
    if (when === 'before') context.setGlobalContextManager(new AsyncContexts())
    start()
    if (when === 'after') context.setGlobalContextManager(new AsyncContexts())
    const spanIds: (string | undefined)[] = []
    const around = observe({ name: 'around' }, async () => {
      await pause()
      spanIds.push(trace.getActiveSpan()?.spanContext().spanId)
      await inner('x')
      // The application may ask for a trace of its own.
      await context.with(ROOT_CONTEXT, () => outer('apart'))
    })

    await around()

    const spans = await delivered()
    const parent = spans.get('around')
    // Spans of other instrumentations find ours as their parent.
    expect(spanIds).toEqual([parent?.spanId])
    expect(
      receiver.spans
        .filter(({ traceId }) => traceId === parent?.traceId)
        .map(({ name, parentSpanId }) => [name, parentSpanId]),
    ).toEqual([
      ['execute_tool inner', parent?.spanId],
      ['around', ''],
    ])
    expect(spans.get('invoke_agent outer')?.parentSpanId).toBe('')
  })

  test('under a span of another SDK, and around one', async () => {
    await using theirs = await startOtlpReceiver()
    const sdk = new NodeSDK({
      autoDetectResources: false,
      metricReaders: [],
      logRecordProcessors: [],
      traceExporter: await exporterTo(theirs.url),
    })
    sdk.start()
    try {
      start()
      const tracer = trace.getTracer('vendor')
      const work = observe({ name: 'work' }, async () => {
        tracer.startSpan('query').end()
      })
      await tracer.startActiveSpan('request', async (span) => {
        await work()
        span.end()
      })
    } finally {
      await sdk.shutdown()
      trace.disable()
    }

    const work = (await delivered()).get('work')
    const byName = new Map(theirs.spans.map((span) => [span.name, span]))
    expect([...byName.keys()].toSorted()).toEqual(['query', 'request'])
    expect(work?.parentSpanId).toBe(byName.get('request')?.spanId)
    expect(byName.get('query')?.parentSpanId).toBe(work?.spanId)
    expect(new Set([...theirs.spans, ...receiver.spans].map(({ traceId }) => traceId)).size).toBe(1)
  })
})

async function exporterTo(url: string) {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto')
  return new OTLPTraceExporter({ url: `${url}/v1/traces` })
}

function foreign(traceFlags: number = TraceFlags.SAMPLED) {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags,
    isRemote: true,
  }
}

describe('a parent from another process', () => {
  test('gives its trace', async () => {
    context.setGlobalContextManager(new AsyncContexts())
    start()

    await context.with(trace.setSpanContext(ROOT_CONTEXT, foreign()), () => inner('x'))

    expect((await delivered()).get('execute_tool inner')).toMatchObject({
      traceId: foreign().traceId,
      parentSpanId: foreign().spanId,
    })
  })

  test('that is not sampled is not recorded, nor is what was suppressed', async () => {
    context.setGlobalContextManager(new AsyncContexts())
    start()
    // What `suppressTracing` of @opentelemetry/core sets.
    const suppressed = ROOT_CONTEXT.setValue(
      createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
      true,
    )

    const unsampled = trace.setSpanContext(ROOT_CONTEXT, foreign(TraceFlags.NONE))
    expect(await context.with(unsampled, () => outer('x'))).toBe('x')
    expect(await context.with(suppressed, () => outer('y'))).toBe('y')

    await delivered()
    expect(receiver.spans).toEqual([])
  })
})

test('a span says what the Node preset says: values, failure, context, resource', async () => {
  start({ release: '1.2.3', environment: 'test', resourceAttributes: { team: 'search' } })
  const fails = observe({ name: 'fails', kind: 'tool' }, async (value: object) => {
    throw new RangeError(`no ${JSON.stringify(value)}`)
  })

  await expect(
    withContext({ session: 's-1', tags: ['a', 'b'], metadata: { tries: 2 } }, () =>
      fails({ deep: [1, 'ü'] }),
    ),
  ).rejects.toThrow('no {"deep":[1,"ü"]}')

  expect((await delivered()).get('execute_tool fails')).toMatchObject({
    statusCode: 2,
    statusMessage: 'no {"deep":[1,"ü"]}',
    events: ['exception'],
    attributes: {
      'sightline.kind': 'tool',
      'gen_ai.tool.call.arguments': '{"deep":[1,"ü"]}',
      'error.type': 'RangeError',
      'session.id': 's-1',
      'sightline.tags': ['a', 'b'],
      'sightline.metadata.tries': 2,
    },
    resource: {
      'service.name': 'core',
      'service.version': '1.2.3',
      'deployment.environment.name': 'test',
      'telemetry.sdk.name': 'sightline',
      'sightline.sdk.instance': expect.any(String),
      team: 'search',
    },
    scope: { name: 'sightline' },
  })
})

test('a value set twice is sent once, the later one, whether it is content or not', async () => {
  start()
  const work = observe(
    { name: 'work', attributes: { state: 'begun' } },
    async (_: string, span: ObservedSpan) => {
      span.set('state', 'done')
      span.set('sightline.input', 'replaced')
    },
  )

  await work('secret')

  expect((await delivered()).get('work')?.attributes).toMatchObject({
    state: 'done',
    'sightline.input': 'replaced',
  })
})

test('content that a redact hook answers later arrives redacted, in order', async () => {
  start({
    redact: async (value) => {
      await pause()
      return String(value).replace('secret', '***')
    },
  })
  const say = observe({ name: 'say' }, (value: string) => value)

  say('secret one')
  say('secret two')

  await delivered()
  expect(receiver.spans.map(({ attributes }) => attributes['sightline.input'])).toEqual([
    '"*** one"',
    '"*** two"',
  ])
})

test('what may be sent wakes the platform that waits for it', async () => {
  const waited: Promise<unknown>[] = []
  start({ waitUntil: (promise) => waited.push(promise) })

  await outer('one')
  await Promise.all(waited)

  expect(waited.length).toBeGreaterThan(0)
  expect(receiver.spans).toHaveLength(2)
})

test('a waitUntil that throws changes nothing', async () => {
  start({
    waitUntil: () => {
      throw new Error('not within a request')
    },
  })

  expect(await outer('one')).toBe('one')

  await delivered()
  expect(receiver.spans).toHaveLength(2)
})

describe('in a program', () => {
  let sdk: InstalledSdk

  beforeAll(async () => {
    sdk = await installSdk()
  })

  afterAll(async () => {
    await sdk[Symbol.asyncDispose]()
  })

  test('where there is no Node around it, spans go out by fetch, compressed, and nest in calls', async () => {
    const { ended } = sdk.start(`
      const log = console.log.bind(console)
      // Node's own fetch loads the rest of itself with their help.
      await fetch('data:,')
      // What an edge runtime does not have.
      for (const name of ['process', 'setImmediate', 'AsyncLocalStorage']) delete globalThis[name]
      const { flush, init, observe } = await import('@sightline/sdk/core')
      init({ endpoint: ${JSON.stringify(receiver.url)}, service: 'edge' })
      const inner = observe({ name: 'inner' }, (text) => text + '😀'.repeat(3) + '\\ud800')
      const outer = observe({ name: 'outer' }, (text) => inner(text))
      outer('ä'.repeat(2_000))
      log(await flush())
    `)

    expect(await ended).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' })
    const spans = new Map(receiver.spans.map((span) => [span.name, span]))
    expect(spans.get('inner')?.parentSpanId).toBe(spans.get('outer')?.spanId)
    expect(spans.get('inner')?.attributes['sightline.output']).toBe(
      JSON.stringify(`${'ä'.repeat(2_000)}😀😀😀\ud800`),
    )
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-encoding': 'gzip',
      'user-agent': expect.stringContaining('sightline-sdk/'),
    })
  })

  test('the environment names the collector, the service and the resource', async () => {
    const { ended } = sdk.start(
      `import { init, observe } from '@sightline/sdk/core'
      init()
      observe({ name: 'work' }, () => 1)()`,
      {
        SIGHTLINE_ENDPOINT: receiver.url,
        SIGHTLINE_API_KEY: 'key-1',
        SIGHTLINE_CONTENT: 'none',
        OTEL_SERVICE_NAME: 'from-env',
        OTEL_RESOURCE_ATTRIBUTES: 'team=search,motto=a%20b',
      },
    )

    expect(await ended).toMatchObject({ code: 0, stderr: '' })
    expect(receiver.requests[0]?.headers['x-api-key']).toBe('key-1')
    expect(receiver.spans[0]?.resource).toMatchObject({
      'service.name': 'from-env',
      team: 'search',
      motto: 'a b',
    })
    expect(receiver.spans[0]?.attributes).not.toHaveProperty('sightline.output')
  })
})
