import Anthropic1 from '@anthropic-ai/sdk'
import { context, propagation, trace } from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'
import Anthropic0 from 'anthropic0'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { plainParams } from './anthropic-setting.ts'
import { importSdk, MODES } from './packed-sdk.ts'

const CLIENTS: readonly (readonly [string, typeof Anthropic1])[] = [
  ['1', Anthropic1],
  ['0.137', Anthropic0 as unknown as typeof Anthropic1],
]

const OWN_SCOPE = 'com.anthropic.sdk.typescript'

/** An application that has OpenTelemetry of its own, whose spans `scopes` names. */
function startApplication(): { readonly scopes: readonly string[] } {
  const scopes: string[] = []
  const collector = {
    onStart: () => undefined,
    onEnd: (span: { instrumentationScope: { name: string } }) => {
      scopes.push(span.instrumentationScope.name)
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
  const sdk = new NodeSDK({
    spanProcessors: [collector],
    metricReaders: [],
    logRecordProcessors: [],
    autoDetectResources: false,
  })
  sdk.start()
  return { scopes }
}

/** A client, and the `traceparent` of each of its requests. */
function openClient(Client: typeof Anthropic1, baseURL: string) {
  const traceparents: (string | null)[] = []
  const client = new Client({
    apiKey: 'key',
    baseURL,
    fetch: async (url, init) => {
      traceparents.push(new Headers(init?.headers).get('traceparent'))
      return await fetch(url, init)
    },
  })
  return { client, traceparents }
}

afterEach(() => {
  vi.unstubAllEnvs()
  trace.disable()
  context.disable()
  propagation.disable()
})

describe.each(MODES)('in %s', (mode) => {
  describe.each(CLIENTS)('a client of version %s', (_, Client) => {
    test.each([undefined, 'true'])(
      'that is wrapped records one span and sends no trace header; its neighbour goes on (asked for by environment: %s)',
      async (asked) => {
        vi.stubEnv('ANTHROPIC_OPEN_TELEMETRY', asked)
        const application = startApplication()
        const sdk = await importSdk(mode)
        await using receiver = await startOtlpReceiver()
        await using simulator = await startSimulator(QUIET)
        sdk.init({ endpoint: receiver.url })
        const wrapped = openClient(Client, simulator.url)
        const neighbour = openClient(Client, simulator.url)
        sdk.wrap(wrapped.client)

        await wrapped.client.messages.create(plainParams())
        await wrapped.client.messages.stream(plainParams()).finalMessage()
        await neighbour.client.messages.create(plainParams())
        await sdk.shutdown()

        expect(receiver.spans.map(({ scope }) => scope.name)).toEqual(['sightline', 'sightline'])
        expect(application.scopes).toEqual([OWN_SCOPE])
        expect(wrapped.traceparents).toEqual([null, null])
        expect(neighbour.traceparents).toEqual([expect.stringMatching(/^00-/)])
      },
    )

    test('that is wrapped with `propagate` sends the id of its span along', async () => {
      const sdk = await importSdk(mode)
      await using receiver = await startOtlpReceiver()
      await using simulator = await startSimulator(QUIET)
      sdk.init({ endpoint: receiver.url })
      const { client, traceparents } = openClient(Client, simulator.url)
      sdk.wrap(client, { propagate: true })

      await client.messages.create(plainParams())
      await sdk.shutdown()

      const [span] = receiver.spans
      expect(receiver.spans).toHaveLength(1)
      expect(traceparents).toEqual([`00-${span?.traceId}-${span?.spanId}-01`])
    })

    test('has its own spans back when it is unwrapped, and is as it was', async () => {
      const application = startApplication()
      const sdk = await importSdk(mode)
      await using receiver = await startOtlpReceiver()
      await using simulator = await startSimulator(QUIET)
      sdk.init({ endpoint: receiver.url })
      const { client } = openClient(Client, simulator.url)
      const before = describeClient(client)
      sdk.unwrap(sdk.wrap(client, { propagate: true }))
      const after = describeClient(client)

      await client.messages.create(plainParams())
      await sdk.shutdown()

      expect(after).toEqual(before)
      expect(receiver.spans).toEqual([])
      expect(application.scopes).toEqual([OWN_SCOPE])
    })

    test('has its own spans while the SDK is off', async () => {
      const sdk = await importSdk(mode)
      await using simulator = await startSimulator(QUIET)
      sdk.init({ disabled: true })
      const application = startApplication()
      const { client } = openClient(Client, simulator.url)
      sdk.wrap(client)

      await client.messages.create(plainParams())

      expect(application.scopes).toEqual([OWN_SCOPE])
    })
  })
})

const QUIET = { seed: 7, speed: 0, failureRates: NO_FAILURES }

/** The own properties of a client and of what is tapped, methods and accessors apart. */
function describeClient(client: Anthropic1): unknown {
  return [client, client.messages, client.beta.messages].map((target) =>
    Object.entries(Object.getOwnPropertyDescriptors(target)),
  )
}
