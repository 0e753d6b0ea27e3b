import { join } from 'node:path'
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
import { typeErrorsOf } from '../support/type-errors.ts'

/** OpenTelemetry 3.x. */
let sdk: InstalledSdk
/** 2.x with our own copy of the API beside the application's. */
let beside2: InstalledSdk
/** 2.x with one copy. */
let shared2: InstalledSdk
let simulator: Simulator

beforeAll(async () => {
  sdk = await installSdk()
  beside2 = await installSdkBesideOtel2('nested')
  shared2 = await installSdkBesideOtel2('shared')
  simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
})

afterAll(async () => {
  await simulator.close()
  for (const installed of [sdk, beside2, shared2]) await installed[Symbol.asyncDispose]()
})

function run(
  installed: InstalledSdk,
  program: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  return runProgram(installed, program, { OPENAI_BASE_URL: `${simulator.url}/v1`, ...env })
}

const PRESET = '@sightline/sdk'
const CORE = '@sightline/sdk/core'

describe.each([
  { title: '3.x', installed: () => sdk, tracing: TRACING_3, from: PRESET },
  { title: '3.x, by the core', installed: () => sdk, tracing: TRACING_3, from: CORE },
  { title: '2.x, with its API and ours', installed: () => beside2, tracing: TRACING_2, from: CORE },
  {
    title: '2.x, with our preset loaded',
    installed: () => beside2,
    tracing: TRACING_2,
    from: PRESET,
  },
  { title: '2.x, with one API', installed: () => shared2, tracing: TRACING_2, from: CORE },
])('a processor in an application’s own OpenTelemetry $title', ({ installed, tracing, from }) => {
  test('takes the application’s spans and ours in one trace, and its exporter gets all of them', async () => {
    const { ours, theirs } = await run(
      installed(),
      `${COMPLAIN} ${tracing} ${CALLS}
      import { observe, sightlineProcessor, wrap } from '${from}'
      const own = startTracing([sightlineProcessor({ service: 'joined' }), toMemory()])
      wrap(openai)
      const answer = observe({ name: 'answer', kind: 'agent' }, () => inSpan('lookup', ask))
      await inSpan('request', answer)
      ${TELL}
      await own.shutdown()`,
    )

    expect(namesOf(ours)).toEqual([CHAT, 'invoke_agent answer', 'lookup', 'request'])
    expect(namesOf(theirs)).toEqual(namesOf(ours))
    const [request, agent, lookup, chat] = ['request', 'invoke_agent answer', 'lookup', CHAT].map(
      (name) => find(ours, name),
    )
    expect(chat?.parentSpanId).toBe(lookup?.spanId)
    expect(lookup?.parentSpanId).toBe(agent?.spanId)
    expect(agent?.parentSpanId).toBe(request?.spanId)
    expect(new Set(ours.map(({ traceId }) => traceId)).size).toBe(1)
    for (const span of theirs) {
      const same = find(ours, span.name)
      expect([span.traceId, span.spanId]).toEqual([same.traceId, same.spanId])
      expect(span.attributes).toEqual(same.attributes)
    }
    expect(chat?.attributes['gen_ai.input.messages']).toContain('hello')
    expect(chat?.resource['service.name']).toBe('joined')
    expect(chat?.resource['sightline.sdk.instance']).toEqual(expect.any(String))
  })

  test('takes the calls and what is around them alone, if told so', async () => {
    const { ours, theirs } = await run(
      installed(),
      `${tracing} ${CALLS}
      import { flush, sightlineProcessor, wrap } from '${from}'
      startTracing([sightlineProcessor({ spans: 'genai' }), toMemory()])
      wrap(openai)
      await inSpan('other work', async () => undefined)
      await inSpan('request', () => inSpan('step', async () => {
        await inSpan('beside', async () => undefined)
        await ask()
      }))
      await flush()
      ${TELL}`,
    )

    expect(namesOf(theirs)).toEqual(['beside', CHAT, 'other work', 'request', 'step'])
    expect(namesOf(ours)).toEqual([CHAT, 'request', 'step'])
  })

  test('delivers at the end of a program that shuts nothing down', async () => {
    const { ours } = await run(
      installed(),
      `${tracing} ${CALLS}
      import { sightlineProcessor, wrap } from '${from}'
      startTracing([sightlineProcessor(), toMemory()])
      wrap(openai)
      await ask()
      ${TELL}`,
    )

    expect(namesOf(ours)).toEqual([CHAT])
  })

  test('stops with its provider: open calls are delivered, later ones go unrecorded', async () => {
    const { ours } = await run(
      installed(),
      `${COMPLAIN} ${tracing} ${CALLS}
      import { sightlineProcessor, wrap } from '${from}'
      const own = startTracing([sightlineProcessor()])
      wrap(openai)
      const body = { model: 'gpt-4o-mini', stream: true, messages: [{ role: 'user', content: 'hello' }] }
      const unread = await openai.chat.completions.create(body)
      await own.shutdown()
      unread.controller.abort()
      await ask()
      console.log('[]')`,
    )

    expect(ours.map(({ attributes }) => attributes['sightline.stream.state'])).toEqual(['unread'])
  })

  test('shut down by itself, leaves the provider’s other processors at work', async () => {
    const { ours, theirs } = await run(
      installed(),
      `${COMPLAIN} ${tracing} ${CALLS}
      import { shutdown, sightlineProcessor, wrap } from '${from}'
      startTracing([sightlineProcessor(), toMemory()])
      wrap(openai)
      await ask()
      await shutdown()
      await inSpan('later', ask)
      ${TELL}`,
    )

    expect(namesOf(ours)).toEqual([CHAT])
    expect(namesOf(theirs)).toEqual([CHAT, 'later'])
  })

  test('of which the process knows nothing still gets the calls', async () => {
    const { ours, theirs } = await run(
      installed(),
      `${tracing} ${CALLS}
      import { flush, sightlineProcessor, wrap } from '${from}'
      startTracing([toMemory()])
      sightlineProcessor()
      wrap(openai)
      await inSpan('request', ask)
      await inSpan('request', ask)
      await flush()
      ${TELL}`,
    )

    expect(namesOf(ours)).toEqual([CHAT, CHAT])
    expect(namesOf(theirs)).toEqual(['request', 'request'])
    expect(ours.map(({ traceId }) => traceId).toSorted()).toEqual(
      theirs.map(({ traceId }) => traceId).toSorted(),
    )
  })

  test('leaves to the application which calls it samples', async () => {
    const { ours, theirs } = await run(
      installed(),
      `${tracing} ${CALLS}
      import { flush, sightlineProcessor, wrap } from '${from}'
      startTracing([sightlineProcessor(), toMemory()], { sampler: new AlwaysOffSampler() })
      wrap(openai)
      await inSpan('request', ask)
      await flush()
      ${TELL}`,
    )

    expect([ours, theirs]).toEqual([[], []])
  })
})

test.each([
  ['3.x', () => sdk, '@opentelemetry/sdk-node', 'NodeSDK'],
  [
    '2.x, with its API and ours',
    () => beside2,
    '@opentelemetry/sdk-trace-node',
    'NodeTracerProvider',
  ],
  ['2.x, with one API', () => shared2, '@opentelemetry/sdk-trace-node', 'NodeTracerProvider'],
])(
  'to TypeScript a processor is one of OpenTelemetry %s',
  (...given) => {
    const [, installed, module, provider] = given

    const errors = typeErrorsOf(
      `import { ${provider} } from '${module}'
    import { sightlineProcessor } from '@sightline/sdk/core'
    export const own = new ${provider}({ spanProcessors: [sightlineProcessor({ spans: 'genai' })] })`,
      {
        folder: join(installed().packageFolder, '../../..'),
        compilerOptions: { module: 'node16', moduleResolution: 'node16' },
      },
    )

    expect(errors).toEqual([])
  },
  180_000,
)

test('spans wait for a resource that is still being found out', async () => {
  const { ours } = await run(
    sdk,
    `${COMPLAIN} ${TRACING_3} ${CALLS}
    import { sightlineProcessor, wrap } from '@sightline/sdk'
    const found = Promise.withResolvers()
    const detector = { detect: () => ({ attributes: { 'cloud.region': found.promise } }) }
    startTracing([sightlineProcessor()], { autoDetectResources: true, resourceDetectors: [detector] })
    wrap(openai)
    await ask()
    console.log('[]')
    setTimeout(() => found.resolve('eu-north-1'), 50)`,
  )

  expect(ours.map(({ name, resource }) => [name, resource['cloud.region']])).toEqual([
    [CHAT, 'eu-north-1'],
  ])
})
