import { Ollama } from 'ollama'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { asking } from './ollama-setting.ts'
import { importSdk, MODES } from './packed-sdk.ts'
import { readAll } from './snapshot.ts'

describe.each(MODES)('%s', (mode) => {
  afterEach(async () => {
    const sdk = await importSdk(mode)
    await sdk.shutdown()
  })

  async function open() {
    const sdk = await importSdk(mode)
    const receiver = await startOtlpReceiver()
    const simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
    const sent: Record<string, string>[] = []
    sdk.init({ endpoint: receiver.url })
    const clientOf = () =>
      new Ollama({
        host: simulator.url,
        fetch: async (url, init) => {
          sent.push(Object.fromEntries(new Headers(init?.headers)))
          return fetch(url, init)
        },
      })
    return {
      sdk,
      receiver,
      clientOf,
      sent,
      async [Symbol.asyncDispose]() {
        await simulator.close()
        await receiver[Symbol.asyncDispose]()
      },
    }
  }

  test('unwrap takes everything off again', async () => {
    await using setting = await open()
    const client = setting.clientOf()
    const before = Object.getOwnPropertyDescriptors(client)

    setting.sdk.wrap(client, { propagate: true })
    expect(Object.getOwnPropertyDescriptors(client)).not.toEqual(before)

    expect(setting.sdk.unwrap(client)).toBe(client)
    expect(Object.getOwnPropertyDescriptors(client)).toEqual(before)
    await client.chat(asking())
    await client.embed({ model: 'nomic-embed-text', input: 'one' })
    await setting.sdk.flush()
    expect(setting.receiver.spans).toEqual([])
  })

  test('the trace leaves only when asked, beside the headers of the client', async () => {
    await using setting = await open()

    await setting.sdk.wrap(setting.clientOf()).chat(asking())
    await setting.sdk.wrap(setting.clientOf(), { propagate: true }).chat(asking())
    await setting.sdk.flush()

    const [silent, told] = setting.sent
    const { traceparent, ...others } = told ?? {}
    expect(silent?.['traceparent']).toBeUndefined()
    expect(others).toEqual(silent)
    const headers = setting.receiver.spans.map(
      ({ traceId, spanId }) => `00-${traceId}-${spanId}-01`,
    )
    expect(headers).toContain(traceparent)
  })

  test('the subpath wraps the same way, and a provider may be named', async () => {
    await using setting = await open()
    const url = `${inject('packedSdk')}/dist/providers/ollama.js`
    const { wrapOllama } = (await import(/* @vite-ignore */ url)) as {
      wrapOllama: <T>(client: T, options?: object) => T
    }

    const client = wrapOllama(setting.clientOf(), { provider: 'llama.cpp', user: 'u-1' })
    await client.embeddings({ model: 'nomic-embed-text', prompt: 'one' })
    await setting.sdk.flush()

    expect(setting.receiver.spans.map(({ attributes }) => attributes)).toMatchObject([
      { 'gen_ai.provider.name': 'llama.cpp', 'user.id': 'u-1' },
    ])
  })

  test('before init and after shutdown a wrapped client works on, unrecorded', async () => {
    await using setting = await open()
    const client = setting.sdk.wrap(setting.clientOf())
    await setting.sdk.shutdown()

    const response = await client.chat(asking())
    const lines = await readAll(await client.chat({ ...asking(), stream: true }))
    const embedded = await client.embed({ model: 'nomic-embed-text', input: 'one' })

    expect(response.message.content).not.toBe('')
    expect(lines.length).toBeGreaterThan(1)
    expect(embedded.embeddings).toHaveLength(1)
    expect(setting.receiver.spans).toEqual([])
  })
})
