import http from 'node:http'
import { context, propagation, trace } from '@opentelemetry/api'
import { flush, init, observe, shutdown } from '@sightline/sdk'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { afterEach, expect, test } from 'vitest'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'

afterEach(async () => {
  await shutdown({ timeoutMs: 0 })
})

const work = observe({ name: 'work' }, (value: string) => value)

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
