import { GoogleGenAI } from '@google/genai'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { asking, MODEL, QUESTION } from './google-setting.ts'
import { meterFetch } from './meter-fetch.ts'
import { importSdk, MODES } from './packed-sdk.ts'
import { readAll } from './snapshot.ts'

type Models = {
  generateContent: (params: object) => Promise<object>
  generateContentStream: (params: object) => Promise<AsyncIterable<object>>
}

describe.each(MODES)('%s', (mode) => {
  afterEach(async () => {
    const sdk = await importSdk(mode)
    await sdk.shutdown()
  })

  async function open() {
    const sdk = await importSdk(mode)
    const receiver = await startOtlpReceiver()
    const simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
    sdk.init({ endpoint: receiver.url })
    const clientOf = (baseUrl = simulator.url) =>
      new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl } })
    return {
      sdk,
      receiver,
      simulator,
      clientOf,
      async [Symbol.asyncDispose]() {
        await simulator.close()
        await receiver[Symbol.asyncDispose]()
      },
    }
  }

  test('unwrap takes everything off again', async () => {
    await using setting = await open()
    const client = setting.clientOf()
    const modules = () => [client.models, Reflect.get(client, 'apiClient') as object]
    const before = modules().map((module) => Object.getOwnPropertyDescriptors(module))

    setting.sdk.wrap(client, { propagate: true })
    expect(modules().map((module) => Object.getOwnPropertyDescriptors(module))).not.toEqual(before)

    expect(setting.sdk.unwrap(client)).toBe(client)
    expect(modules().map((module) => Object.getOwnPropertyDescriptors(module))).toEqual(before)
    await client.models.generateContent(asking())
    await setting.sdk.flush()
    expect(setting.receiver.spans).toEqual([])
  })

  test('the trace leaves only when asked', async () => {
    await using setting = await open()
    using meter = meterFetch([setting.simulator.url])

    await setting.sdk.wrap(setting.clientOf()).models.generateContent(asking())
    const asked = setting.sdk.wrap(setting.clientOf(), { propagate: true })
    await readAll(await asked.models.generateContentStream(asking()))
    await setting.sdk.flush()

    const [silent, told] = meter.requests.map(({ headers }) => headers['traceparent'])
    const span = setting.receiver.spans.find(
      ({ attributes }) => attributes['gen_ai.request.stream'] === true,
    )
    expect(silent).toBeUndefined()
    expect(told).toBe(`00-${span?.traceId}-${span?.spanId}-01`)
  })

  test('the subpath wraps the same way, and a provider may be named', async () => {
    await using setting = await open()
    const url = `${inject('packedSdk')}/dist/providers/google-genai.js`
    const { wrapGoogleGenAI } = (await import(/* @vite-ignore */ url)) as {
      wrapGoogleGenAI: <T>(client: T, options?: object) => T
    }

    const client = wrapGoogleGenAI(setting.clientOf(), { provider: 'gateway', session: 's-1' })
    await client.models.generateContent(asking())
    await setting.sdk.flush()

    expect(setting.receiver.spans.map(({ attributes }) => attributes)).toMatchObject([
      { 'gen_ai.provider.name': 'gateway', 'session.id': 's-1' },
    ])
  })

  test('a client of the same shape without the inner methods is recorded at the outer ones', async () => {
    await using setting = await open()
    const text = { content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' }
    const models: Models = {
      generateContent: async () => ({ candidates: [text] }),
      generateContentStream: async () =>
        (async function* chunks() {
          yield { candidates: [text], usageMetadata: { promptTokenCount: 3 } }
        })(),
    }

    const client = setting.sdk.wrap({ models })
    await client.models.generateContent({ model: MODEL, contents: QUESTION })
    for await (const _ of await client.models.generateContentStream({ model: MODEL })) break
    await setting.sdk.flush()

    const states = setting.receiver.spans.map(
      ({ attributes }) => attributes['sightline.stream.state'],
    )
    expect(states).toEqual([undefined, 'abandoned'])
  })

  test('before init and after shutdown a wrapped client works on, unrecorded', async () => {
    await using setting = await open()
    const client = setting.sdk.wrap(setting.clientOf())
    await setting.sdk.shutdown()

    const response = await client.models.generateContent(asking())
    const chunks = await readAll(await client.models.generateContentStream(asking()))

    expect(response.text).not.toBe('')
    expect(chunks.length).toBeGreaterThan(1)
    expect(setting.receiver.spans).toEqual([])
  })
})
