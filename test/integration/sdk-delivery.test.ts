import http from 'node:http'
import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api'
import { flush, init, observe, shutdown } from '@sightline/sdk'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { afterEach, expect, test } from 'vitest'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'

afterEach(async () => {
  await shutdown({ timeoutMs: 0 })
})

const work = observe({ name: 'work' }, (value: string) => value)
const nothing = () => undefined
const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing, verbose: nothing }

test('a batch is sent by itself, compressed, with the key, to the OTLP path', async () => {
  await using receiver = await startOtlpReceiver()
  init({ endpoint: `${receiver.url}/base/`, apiKey: 'secret-key' })

  work('x'.repeat(5_000))
  await flush()

  expect(receiver.requests).toHaveLength(1)
  expect(receiver.requests[0]).toMatchObject({
    path: '/base/v1/traces',
    headers: {
      'x-api-key': 'secret-key',
      'content-encoding': 'gzip',
      'content-type': 'application/x-protobuf',
    },
  })
})

test('once the collector says that it takes zstd, bodies are that', async () => {
  await using receiver = await startOtlpReceiver()
  receiver.answers.push({ status: 200, headers: { 'accept-encoding': 'gzip, zstd' } })
  init({ endpoint: receiver.url })

  for (const text of ['first', 'second', 'third']) {
    work(text.repeat(1_000))
    expect(await flush()).toBe(true)
  }

  expect(receiver.requests.map(({ headers }) => headers['content-encoding'])).toEqual([
    'gzip',
    'zstd',
    'zstd',
  ])
  expect(receiver.spans).toHaveLength(3)
})

test('a collector that takes nothing compressed gets the same batch plain, and all later ones', async () => {
  await using receiver = await startOtlpReceiver()
  receiver.answers.push({ status: 415 })
  init({ endpoint: receiver.url })

  work('first'.repeat(1_000))
  expect(await flush()).toBe(true)
  work('second'.repeat(1_000))
  expect(await flush()).toBe(true)

  expect(receiver.requests.map(({ headers }) => headers['content-encoding'])).toEqual([
    'gzip',
    undefined,
    undefined,
  ])
  expect(receiver.spans).toHaveLength(2)
})

test('what the collector refuses of a request that it took is told', async () => {
  await using receiver = await startOtlpReceiver()
  // partial_success { rejected_spans: 1 }
  receiver.answers.push({ status: 200, body: Uint8Array.from([0x0a, 2, 0x08, 1]) })
  const drops: [number, string][] = []
  init({ endpoint: receiver.url, onDrop: (count, why) => drops.push([count, why]) })

  work('one')
  work('two')
  await flush()

  expect(drops).toEqual([[1, 'the collector refused them']])
})

test('a key that is refused is told once, with what to do, and its spans wait', async () => {
  await using receiver = await startOtlpReceiver()
  receiver.answers.push({ status: 401 }, { status: 401 })
  const lines: string[] = []
  const logger = { ...silent, error: (line: string) => lines.push(line) }
  diag.setLogger(logger, DiagLogLevel.ERROR)
  try {
    init({ endpoint: receiver.url, apiKey: 'old' })
    work('one')

    expect(await flush()).toBe(false)
    expect(await flush()).toBe(false)
    expect(await flush()).toBe(true)
  } finally {
    diag.disable()
  }

  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/answered 401: set SIGHTLINE_API_KEY or apiKey .* kept for 5 minutes/)
  expect(receiver.spans).toHaveLength(1)
})

test.each([429, 502, 503, 504])(
  'a collector that answers %s gets the batch again',
  async (status) => {
    await using receiver = await startOtlpReceiver()
    receiver.answers.push({ status, headers: { 'retry-after': '0' } })
    init({ endpoint: receiver.url })

    work('once')

    expect(await flush()).toBe(true)
    expect(receiver.requests).toHaveLength(2)
    expect(receiver.spans).toHaveLength(1)
  },
)

test('a batch that the collector refuses for good is dropped, told, and counted in the next one', async () => {
  await using receiver = await startOtlpReceiver()
  receiver.answers.push({ status: 400 })
  const drops: [number, string][] = []
  init({ endpoint: receiver.url, onDrop: (count, why) => drops.push([count, why]) })

  work('refused')
  work('refused too')
  await flush()
  work('taken')
  await flush()

  expect(drops).toEqual([[2, 'the collector answered 400']])
  expect(receiver.spans).toHaveLength(1)
  expect(receiver.spans[0]?.resource).toMatchObject({
    'sightline.sdk.dropped': 2,
    'sightline.sdk.instance': expect.any(String),
  })
})

test('flush gives up after its time and says so', async () => {
  await using receiver = await startOtlpReceiver()
  receiver.answers.push({ status: 503, headers: { 'retry-after': '60' } })
  init({ endpoint: receiver.url })

  work('later')

  expect(await flush({ timeoutMs: 50 })).toBe(false)
  // The next flush does not wait for the minute that the collector asked for.
  expect(await flush()).toBe(true)
  expect(receiver.spans).toHaveLength(1)
})

test('nothing is recorded before init, after shutdown, or when disabled', async () => {
  await using receiver = await startOtlpReceiver()

  work('before')
  init({ endpoint: receiver.url })
  await shutdown()
  work('after')
  init({ endpoint: receiver.url, disabled: true })
  work('disabled')
  await flush()

  expect(receiver.spans).toEqual([])
})

test('init with values it cannot use still lets the application run', async () => {
  init({ endpoint: 'not a url', maxContentBytes: -1 })

  expect(work('fine')).toBe('fine')
})

test('a span of another instrumentation becomes part of the trace', async () => {
  await using receiver = await startOtlpReceiver()
  init({ endpoint: receiver.url })
  const outer = observe({ name: 'outer', kind: 'agent' }, async () => {
    const span = trace.getTracer('http').startSpan('GET')
    await context.with(trace.setSpan(context.active(), span), async () => work('inner'))
    span.end()
  })

  await outer()
  await flush()

  const byName = new Map(receiver.spans.map((span) => [span.name, span]))
  expect([...byName.keys()].toSorted()).toEqual(['GET', 'invoke_agent outer', 'work'])
  expect(byName.get('GET')?.parentSpanId).toBe(byName.get('invoke_agent outer')?.spanId)
  expect(byName.get('work')?.parentSpanId).toBe(byName.get('GET')?.spanId)
})

/** Another vendor's SDK, global in this process, with a collector of its own. */
async function withVendor(url: string, act: () => Promise<void>): Promise<void> {
  const vendor = new NodeSDK({
    traceExporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }),
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
  })
  vendor.start()
  try {
    await act()
  } finally {
    await shutdown()
    await vendor.shutdown()
    trace.disable()
    context.disable()
    propagation.disable()
  }
}

test("beside another vendor's SDK each collector gets its own spans, and one trace holds them", async () => {
  await using ours = await startOtlpReceiver()
  await using theirs = await startOtlpReceiver()

  await withVendor(theirs.url, async () => {
    init({ endpoint: ours.url })
    await trace.getTracer('vendor').startActiveSpan('request', async (span) => {
      work('inside')
      span.end()
    })
    await flush()
  })

  expect(theirs.spans.map((span) => span.name)).toEqual(['request'])
  expect(ours.spans.map((span) => span.name)).toEqual(['work'])
  expect(ours.spans[0]?.traceId).toBe(theirs.spans[0]?.traceId)
  expect(ours.spans[0]?.parentSpanId).toBe(theirs.spans[0]?.spanId)
})

test('with a provider given, the spans go where its exporters send them', async () => {
  await using ours = await startOtlpReceiver()
  await using theirs = await startOtlpReceiver()

  await withVendor(theirs.url, async () => {
    init({ endpoint: ours.url, tracerProvider: trace.getTracerProvider() })
    work('inside')
  })

  expect(theirs.spans.map((span) => span.name)).toEqual(['work'])
  expect(ours.spans).toEqual([])
})

test('the requests that carry spans are not spans themselves', async () => {
  await using receiver = await startOtlpReceiver()
  const suppressed: boolean[] = []
  // An HTTP instrumentation asks for a span when a request begins; this stands where it does.
  const request = http.request
  http.request = ((...args: Parameters<typeof request>) => {
    suppressed.push(!trace.getTracer('http').startSpan('POST').isRecording())
    return request(...args)
  }) as typeof request
  try {
    init({ endpoint: receiver.url })
    work('one')
    await flush()
  } finally {
    http.request = request
  }

  expect(suppressed).toEqual([true])
  expect(receiver.spans.map((span) => span.name)).toEqual(['work'])
})
