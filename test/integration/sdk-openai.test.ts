import { flush, init, observe, shutdown, unwrap, withContext, wrap } from '@sightline/sdk'
import OpenAI7 from 'openai'
import OpenAI6 from 'openai6'
import { afterEach, describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { startHeldProvider } from '../support/held-provider.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { OtlpReceiver, ReceivedSpan } from '../support/otlp-receiver.ts'
import { plainParams, readAll, streamParams } from '../support/sdk-cases.ts'
import type { ExpectedSpans, SdkCase, Setting } from '../support/sdk-cases.ts'
import { plainCases } from '../support/sdk-plain-cases.ts'
import { streamCases } from '../support/sdk-stream-cases.ts'

type OpenAI = InstanceType<typeof OpenAI7>

// The cases use what both have in common; their types differ only in brands of private fields.
const CLIENTS: Record<string, typeof OpenAI7> = {
  'openai 7': OpenAI7,
  'openai 6': OpenAI6 as unknown as typeof OpenAI7,
}

afterEach(async () => {
  await shutdown()
})

async function openSetting(Client: typeof OpenAI7, prepare: (client: OpenAI) => OpenAI) {
  const simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  const held = await startHeldProvider()
  const clientOf = (url: string) =>
    prepare(new Client({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 }))
  const setting: Setting = {
    client: clientOf(simulator.url),
    heldClient: clientOf(held.url),
    deadClient: clientOf(await closedUrl()),
    held,
  }
  return {
    ...setting,
    async [Symbol.asyncDispose]() {
      await simulator.close()
      await held[Symbol.asyncDispose]()
    },
  }
}

async function closedUrl(): Promise<string> {
  await using closed = await startHeldProvider()
  return closed.url
}

async function runBare(Client: typeof OpenAI7, sdkCase: SdkCase): Promise<unknown> {
  await using setting = await openSetting(Client, (client) => client)
  return await sdkCase.run(setting)
}

async function runWrapped(Client: typeof OpenAI7, sdkCase: SdkCase, receiver: OtlpReceiver) {
  init({ endpoint: receiver.url, service: 'matrix', release: '1.0.0', environment: 'test' })
  await using setting = await openSetting(Client, (client) => wrap(client))
  const outcome = await sdkCase.run(setting)
  // Shutting down ends what nobody reads.
  await shutdown()
  return outcome
}

function checkSpans(spans: readonly ReceivedSpan[], expected: ExpectedSpans, outcome: unknown) {
  expect(spans).toHaveLength(expected.count ?? 1)
  for (const span of spans) {
    const { attributes } = span
    expect(attributes['sightline.stream.state']).toBe(expected.state)
    expect(attributes['error.type']).toBe(expected.errorType)
    expect(span.statusCode).toBe(expected.errorType === undefined ? 0 : 2)
    if (expected.usage === 'provider') {
      expect(attributes['gen_ai.usage.input_tokens']).toBeGreaterThan(0)
    } else expect(attributes['gen_ai.usage.input_tokens']).toBeUndefined()
    if (expected.usage !== undefined) {
      expect(attributes['sightline.usage.source']).toBe(expected.usage)
    }
    expect(span.endMs).toBeGreaterThanOrEqual(span.startMs)
    expected.check?.(span, outcome as never)
  }
}

describe.each(Object.keys(CLIENTS))('%s', (name) => {
  const Client = CLIENTS[name] ?? OpenAI7

  test.each([...plainCases, ...streamCases].map((sdkCase) => [sdkCase.name, sdkCase] as const))(
    '%s looks the same as without us and is one span',
    async (_, sdkCase) => {
      await using receiver = await startOtlpReceiver()

      const bare = await runBare(Client, sdkCase)
      const wrapped = await runWrapped(Client, sdkCase, receiver)

      expect(wrapped).toStrictEqual(bare)
      checkSpans(receiver.spans, sdkCase.expected, bare)
    },
  )

  test('a call carries the names of OpenTelemetry, its resource and its scope', async () => {
    await using receiver = await startOtlpReceiver()
    init({ endpoint: receiver.url, service: 'chat', release: '2.1.0', environment: 'staging' })
    await using setting = await openSetting(Client, (client) => wrap(client))

    const completion = await setting.client.chat.completions.create(plainParams())
    await flush()

    const [span] = receiver.spans
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
      'gen_ai.usage.input_tokens': completion.usage?.prompt_tokens,
      'gen_ai.usage.output_tokens': completion.usage?.completion_tokens,
      'gen_ai.usage.cache_read.input_tokens':
        completion.usage?.prompt_tokens_details?.cached_tokens,
      'gen_ai.usage.reasoning.output_tokens':
        completion.usage?.completion_tokens_details?.reasoning_tokens,
      'server.address': '127.0.0.1',
      'sightline.sdk.version': '0.1.0',
    })
  })

  test('calls side by side each keep the context they were made in', async () => {
    await using receiver = await startOtlpReceiver()
    init({ endpoint: receiver.url })
    await using setting = await openSetting(Client, (client) => wrap(client))
    const answer = observe({ name: 'answer', kind: 'agent' }, async (user: string) => {
      const completion = await setting.client.chat.completions.create(
        plainParams({ messages: [{ role: 'user', content: user }] }),
      )
      const stream = await setting.client.chat.completions.create(
        streamParams({ messages: [{ role: 'user', content: user }] }),
      )
      await readAll(stream)
      return completion.choices.length
    })

    const users = ['ada', 'ben', 'cleo', 'dan']
    await Promise.all(
      users.map((user) =>
        withContext({ user, session: `s-${user}`, tags: [user] }, () => answer(user)),
      ),
    )
    await flush()

    for (const user of users) {
      const own = receiver.spans.filter((span) => span.attributes['user.id'] === user)
      const agent = own.find((span) => span.attributes['sightline.kind'] === 'agent')
      const calls = own.filter((span) => span.attributes['sightline.kind'] === 'llm')
      expect(own).toHaveLength(3)
      expect(new Set(own.map((span) => span.traceId)).size).toBe(1)
      expect(calls.map((call) => call.parentSpanId)).toEqual([agent?.spanId, agent?.spanId])
      for (const call of calls) {
        expect(call.attributes['gen_ai.input.messages']).toContain(user)
        expect(call.attributes).toMatchObject({
          'session.id': `s-${user}`,
          'gen_ai.conversation.id': `s-${user}`,
          'sightline.tags': [user],
        })
      }
    }
  })

  test('wrapping keeps the client itself, once however often, and comes off again', async () => {
    await using receiver = await startOtlpReceiver()
    init({ endpoint: receiver.url })
    const bare = new Client({ apiKey: 'key', baseURL: 'http://127.0.0.1:9/v1' })
    const { completions } = bare.chat
    const keys = Object.keys(completions)

    const wrapped = wrap(wrap(bare))

    expect(wrapped).toBe(bare)
    expect(Object.keys(completions)).toEqual(keys)
    expect(Object.hasOwn(completions, 'create')).toBe(true)
    expect(unwrap(bare)).toBe(bare)
    expect(Object.hasOwn(completions, 'create')).toBe(false)
  })

  test('a message pushed after the call is not in its span', async () => {
    await using receiver = await startOtlpReceiver()
    init({ endpoint: receiver.url })
    await using setting = await openSetting(Client, (client) => wrap(client))
    const { messages, ...params } = plainParams()

    const promise = setting.client.chat.completions.create({ ...params, messages })
    messages.push({ role: 'user', content: 'said afterwards' })
    await promise
    await flush()

    expect(receiver.spans[0]?.attributes['gen_ai.input.messages']).not.toContain('said afterwards')
  })
})
