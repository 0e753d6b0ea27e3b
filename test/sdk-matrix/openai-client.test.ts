import { describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { startHeldOpenAI } from './held-openai.ts'
import { OPENAI_CLIENTS, openHeld, plainParams, streamParams } from './openai-setting.ts'
import { importSdk, MODES } from './packed-sdk.ts'
import type { Mode } from './packed-sdk.ts'
import { readAll } from './snapshot.ts'

const COMBINATIONS = OPENAI_CLIENTS.flatMap((client) =>
  MODES.map((mode) => [client.label, mode, client] as const),
)

/** The SDK running, and clients wrapped by it. */
async function openApplication(mode: Mode, { open }: (typeof OPENAI_CLIENTS)[number]) {
  const sdk = await importSdk(mode)
  const receiver = await startOtlpReceiver()
  const simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  const held = await startHeldOpenAI()
  sdk.init({ endpoint: receiver.url, service: 'chat', release: '2.1.0', environment: 'staging' })
  const setting = open({
    url: simulator.url,
    deadUrl: 'http://127.0.0.1:9',
    held,
    sdk,
    prepare: sdk.wrap,
    isWrapped: true,
  })
  return {
    ...setting,
    unwrap: sdk.unwrap,
    flush: sdk.flush,
    shutdown: sdk.shutdown,
    spans: receiver.spans,
    async [Symbol.asyncDispose]() {
      await sdk.shutdown()
      await simulator.close()
      await held[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

describe.each(COMBINATIONS)('%s, %s', (_, mode, client) => {
  test('a call carries the names of OpenTelemetry, its resource and its scope', async () => {
    await using app = await openApplication(mode, client)

    const completion = await app.client.chat.completions.create(plainParams())
    await app.flush()

    const [span] = app.spans
    const { usage } = completion
    expect(span?.name).toBe('chat gpt-4o-mini')
    expect(span?.kind).toBe(3)
    expect(span?.scope).toEqual({
      name: 'sightline',
      version: '0.1.0',
      schemaUrl: 'https://opentelemetry.io/schemas/1.42.0',
    })
    expect(span?.resource).toMatchObject({
      'service.name': 'chat',
      'service.version': '2.1.0',
      'deployment.environment.name': 'staging',
      'sightline.sdk.instance': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(span?.attributes).toMatchObject({
      'sightline.kind': 'llm',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.response.id': completion.id,
      'gen_ai.response.model': completion.model,
      'gen_ai.usage.input_tokens': usage?.prompt_tokens,
      'gen_ai.usage.output_tokens': usage?.completion_tokens,
      'gen_ai.usage.cache_read.input_tokens': usage?.prompt_tokens_details?.cached_tokens,
      'gen_ai.usage.reasoning.output_tokens': usage?.completion_tokens_details?.reasoning_tokens,
      'server.address': '127.0.0.1',
      'sightline.sdk.version': '0.1.0',
    })
  })

  test('unwrapping leaves the client as it was, and its calls unrecorded', async () => {
    await using app = await openApplication(mode, client)
    const resources = [
      app.client,
      app.client.chat.completions,
      app.client.responses,
      app.client.embeddings,
      app.client.images,
      app.client.moderations,
    ]
    const wrapped = resources.map((resource) => Object.getOwnPropertyNames(resource))

    expect(app.unwrap(app.client)).toBe(app.client)
    await app.client.chat.completions.create(plainParams())
    await app.flush()

    const bare = resources.map((resource) => Object.getOwnPropertyNames(resource))
    expect(wrapped.map((names, index) => names.length > (bare[index]?.length ?? 0))).toEqual(
      resources.map(() => true),
    )
    expect(
      bare.flat().filter((name) => ['create', 'retryRequest', 'withOptions'].includes(name)),
    ).toEqual([])
    expect(app.spans).toEqual([])
  })

  test('a client wrapped before the SDK runs, or after it stopped, works unrecorded', async () => {
    await using app = await openApplication(mode, client)
    await app.shutdown()

    const completion = await app.client.chat.completions.create(plainParams())
    const chunks = await readAll(await app.client.chat.completions.create(streamParams()))

    expect(completion.choices).toHaveLength(1)
    expect(chunks.length).toBeGreaterThan(3)
    expect(app.spans).toEqual([])
  })

  test('a stream that the SDK is shut down in the middle of goes on, and its span is sent', async () => {
    await using app = await openApplication(mode, client)
    const iterator = (await openHeld(app))[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()

    await app.shutdown()
    const third = await iterator.next()

    expect(third.value?.choices[0]?.delta.content).toBe(' two')
    expect(app.spans.map(({ attributes }) => attributes['sightline.stream.state'])).toEqual([
      'abandoned',
    ])
  })

  test('a proxy of a call and an object that inherits from it work as those of a bare call', async () => {
    await using app = await openApplication(mode, client)
    const call = app.client.chat.completions.create(plainParams())

    const answers = await Promise.all([
      new Proxy(call, {}).asResponse(),
      (Object.create(call) as typeof call).asResponse(),
      call.asResponse(),
    ])

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(answers).size).toBe(1)
  })

  test('what cannot be wrapped comes back as it is, and works', async () => {
    await using app = await openApplication(mode, client)
    const { wrap } = await importSdk(mode)
    const frozen = app.unwrap(app.client)
    Object.freeze(frozen.chat.completions)
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('do not look')
        },
      },
    )

    expect(wrap(frozen)).toBe(frozen)
    expect(wrap(hostile)).toBe(hostile)
    expect(wrap(Object.freeze({}))).toEqual({})
    const completion = await frozen.chat.completions.create(plainParams())
    expect(completion.choices).toHaveLength(1)
  })
})
