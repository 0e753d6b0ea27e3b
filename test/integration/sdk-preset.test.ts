import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import type { Simulator } from '../simulator/start-simulator.ts'
import {
  CALLS,
  CHAT,
  COMPLAIN,
  find,
  namesOf,
  runProgram,
  TELL,
  TRACING_2,
  TRACING_3,
} from '../support/otel-programs.ts'
import type { Outcome } from '../support/otel-programs.ts'
import { installSdkBesideOtel2 } from '../support/sdk-otel-2.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'

/** OpenTelemetry 3.x. */
let sdk: InstalledSdk
/** 2.x with our own copy of the API beside the application's. */
let beside2: InstalledSdk
/** The API of 2.x, and no more. */
let apiOnly: InstalledSdk
let simulator: Simulator

beforeAll(async () => {
  sdk = await installSdk()
  beside2 = await installSdkBesideOtel2('nested')
  apiOnly = await installSdkBesideOtel2('api')
  simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
})

afterAll(async () => {
  await simulator.close()
  for (const installed of [sdk, beside2, apiOnly]) await installed[Symbol.asyncDispose]()
})

function run(
  installed: InstalledSdk,
  program: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  return runProgram(installed, program, { OPENAI_BASE_URL: `${simulator.url}/v1`, ...env })
}

describe.each([
  ['3.x', () => sdk, TRACING_3],
  ['2.x', () => beside2, TRACING_2],
])('beside another vendor on OpenTelemetry %s', (_, installed, tracing) => {
  const VENDOR = `const vendor = startTracing([toMemory()])`
  const INIT = `init({ service: 'ours' }); wrap(openai)`

  test.each([
    ['that was there first', `${VENDOR}; ${INIT}`],
    ['that comes after us', `${INIT}; ${VENDOR}`],
  ])('%s, neither loses a span and none is sent twice', async (_name, start) => {
    const { ours, theirs } = await run(
      installed(),
      `${COMPLAIN} ${tracing} ${CALLS}
      import { flush, init, observe, wrap } from '@sightline/sdk'
      ${start}
      const answer = observe({ name: 'answer', kind: 'agent' }, () => inSpan('http', ask))
      await inSpan('request', answer)
      await flush()
      ${TELL}
      await vendor.shutdown()`,
    )

    expect(namesOf(theirs)).toEqual(['http', 'request'])
    expect(namesOf(ours)).toEqual([CHAT, 'invoke_agent answer'])
    // Either trace is whole without the other's spans, and both have the same id.
    expect(find(theirs, 'http').parentSpanId).toBe(find(theirs, 'request').spanId)
    expect(find(ours, CHAT).parentSpanId).toBe(find(ours, 'invoke_agent answer').spanId)
    expect(find(ours, CHAT).traceId).toBe(find(theirs, 'http').traceId)
  })

  test.each([
    ['that was there first', `${VENDOR}; ${INIT}`],
    ['that comes after us', `${INIT}; ${VENDOR}`],
  ])('%s and samples nothing, ours are all there', async (_name, start) => {
    const { ours, theirs } = await run(
      installed(),
      `${tracing} ${CALLS}
      import { flush, init, wrap } from '@sightline/sdk'
      ${start.replace('[toMemory()]', '[toMemory()], { sampler: new AlwaysOffSampler() }')}
      await inSpan('request', ask)
      await flush()
      ${TELL}`,
    )

    expect(theirs).toEqual([])
    expect(namesOf(ours)).toEqual([CHAT])
  })

  test('whose provider it is given, it records there, and that one’s exporters deliver', async () => {
    const { ours, theirs } = await run(
      installed(),
      `${tracing} ${CALLS}
      import { flush, init, wrap } from '@sightline/sdk'
      startTracing([toMemory()])
      init({ tracerProvider: trace.getTracerProvider() })
      wrap(openai)
      await inSpan('request', ask)
      await flush()
      ${TELL}`,
    )

    expect(ours).toEqual([])
    expect(namesOf(theirs)).toEqual([CHAT, 'request'])
    expect(find(theirs, CHAT).parentSpanId).toBe(find(theirs, 'request').spanId)
    expect(find(theirs, CHAT).attributes['gen_ai.input.messages']).toContain('hello')
  })
})

describe('the Node preset', () => {
  test('has instrumentations, the application’s spans and ours in one trace', async () => {
    const { ours } = await run(
      sdk,
      `${COMPLAIN} ${TRACING_3} ${CALLS}
      import { InstrumentationBase } from '@opentelemetry/instrumentation'
      import { flush, init, observe, wrap } from '@sightline/sdk'
      class Queue extends InstrumentationBase {
        constructor() { super('queue', '1.0.0', {}) }
        init() {}
        receive(fn) { return this.tracer.startActiveSpan('receive', async (span) => { await fn(); span.end() }) }
      }
      const early = trace.getTracer('early')
      const queue = new Queue()
      init({ instrumentations: [queue] })
      wrap(openai)
      const answer = observe({ name: 'answer', kind: 'agent' }, () => inSpan('lookup', ask))
      await queue.receive(answer)
      early.startSpan('got before us').end()
      await flush()
      ${TELL}`,
    )

    expect(namesOf(ours)).toEqual([
      CHAT,
      'got before us',
      'invoke_agent answer',
      'lookup',
      'receive',
    ])
    expect(find(ours, 'invoke_agent answer').parentSpanId).toBe(find(ours, 'receive').spanId)
    expect(find(ours, 'lookup').parentSpanId).toBe(find(ours, 'invoke_agent answer').spanId)
    expect(find(ours, CHAT).parentSpanId).toBe(find(ours, 'lookup').spanId)
  })

  test('keeps its instrumentations when another vendor becomes the process’s provider', async () => {
    const { ours, theirs } = await run(
      sdk,
      `${TRACING_3} ${CALLS}
      import { InstrumentationBase } from '@opentelemetry/instrumentation'
      import { flush, init } from '@sightline/sdk'
      class Queue extends InstrumentationBase {
        constructor() { super('queue', '1.0.0', {}) }
        init() {}
        receive() { this.tracer.startSpan('receive').end() }
      }
      const queue = new Queue()
      init({ instrumentations: [queue] })
      startTracing([toMemory()])
      queue.receive()
      await inSpan('request', async () => undefined)
      await flush()
      ${TELL}`,
    )

    expect(namesOf(ours)).toEqual(['receive'])
    expect(namesOf(theirs)).toEqual(['request'])
  })

  test('gives further processors everything that Sightline gets', async () => {
    const { ours, theirs } = await run(
      sdk,
      `${TRACING_3} ${CALLS}
      import { flush, init, wrap } from '@sightline/sdk'
      init({ spanProcessors: [toMemory()] })
      wrap(openai)
      await inSpan('request', ask)
      await flush()
      ${TELL}`,
    )

    expect(namesOf(ours)).toEqual([CHAT, 'request'])
    expect(namesOf(theirs)).toEqual([CHAT, 'request'])
    expect(find(theirs, CHAT).attributes).toEqual(find(ours, CHAT).attributes)
  })

  test('sends what others set on our span', async () => {
    const { ours } = await run(
      sdk,
      `${TRACING_3} ${CALLS}
      import { flush, init, observe } from '@sightline/sdk'
      init()
      await observe({ name: 'answer' }, async () => {
        trace.getActiveSpan().setAttribute('app.customer', 'c-7')
        trace.getActiveSpan().addEvent('asked')
      })()
      await flush()
      ${TELL}`,
    )

    expect(ours[0]?.attributes['app.customer']).toBe('c-7')
    expect(ours[0]?.attributes['sightline.kind']).toBe('chain')
    expect(ours[0]?.events).toEqual(['asked'])
  })

  test('gets the spans of an application that has another API, and no SDK of its own', async () => {
    const { ours } = await run(
      apiOnly,
      `import { context, trace } from '@opentelemetry/api' ${CALLS}
      import { flush, init, wrap } from '@sightline/sdk'
      init()
      wrap(openai)
      await inSpan('request', ask)
      await flush()
      console.log('[]')`,
    )

    expect(namesOf(ours)).toEqual([CHAT, 'request'])
    expect(find(ours, CHAT).parentSpanId).toBe(find(ours, 'request').spanId)
  })

  test('leaves nothing behind once it is shut down', async () => {
    const { theirs } = await run(
      sdk,
      `${COMPLAIN} ${TRACING_3} ${CALLS}
      import { init, shutdown } from '@sightline/sdk'
      init()
      await shutdown()
      startTracing([toMemory()])
      await inSpan('request', async () => undefined)
      ${TELL}`,
    )

    expect(namesOf(theirs)).toEqual(['request'])
  })
})

test.each([
  ['the preset', `import { init, wrap } from '@sightline/sdk'; init()`],
  ['the core', `import { init, wrap } from '@sightline/sdk/core'; init()`],
  [
    'a processor',
    `import { sightlineProcessor, wrap } from '@sightline/sdk'; sightlineProcessor()`,
  ],
])('OTEL_SDK_DISABLED turns off %s as well', async (_, start) => {
  const { ours } = await run(
    sdk,
    `${TRACING_3} ${CALLS} ${start}; wrap(openai); await inSpan('request', ask); ${TELL}`,
    { OTEL_SDK_DISABLED: 'true' },
  )

  expect(ours).toEqual([])
})

describe('the client of Anthropic, which makes spans of its own where a provider is registered', () => {
  test.each(['@anthropic-ai/sdk', 'anthropic0'])(
    'is one span a call, wrapped or not, and tells the provider of no trace (%s)',
    async (client) => {
      const { ours, theirs } = await run(
        sdk,
        `${TRACING_3}
        import { createServer } from 'node:http'
        import Anthropic from '${client}'
        import { flush, init, wrap } from '@sightline/sdk'
        init()
        const seen = []
        const server = createServer((request, response) => {
          seen.push(...Object.keys(request.headers).filter((name) => /^(traceparent|tracestate|baggage)$/.test(name)))
          response.setHeader('content-type', 'application/json')
          response.end(JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-5', content: [{ type: 'text', text: 'hi' }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 3, output_tokens: 1 } }))
        })
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
        const options = { apiKey: 'key', baseURL: 'http://127.0.0.1:' + server.address().port, maxRetries: 0 }
        const body = { model: 'claude-sonnet-5', max_tokens: 10, messages: [{ role: 'user', content: 'hello' }] }
        await wrap(new Anthropic(options)).messages.create(body)
        await new Anthropic(options).messages.create(body)
        server.close()
        await flush()
        console.log(JSON.stringify(seen))`,
      )

      expect(theirs).toEqual([])
      expect(ours.map(({ scope }) => scope.name).toSorted()).toEqual([
        'com.anthropic.sdk.typescript',
        'sightline',
      ])
    },
  )
})
