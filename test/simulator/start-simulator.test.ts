import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { NO_FAILURES } from './behaviour.ts'
import { startSimulator } from './start-simulator.ts'
import type { Simulator } from './start-simulator.ts'

const MESSAGES: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'Where is my order SL-12345? 📦' },
]
const TOOLS: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'lookup_order',
      parameters: { type: 'object', properties: { order_id: { type: 'string' } } },
    },
  },
]
const STREAM = { stream: true, stream_options: { include_usage: true } } as const
const BASE = { model: 'gpt-5-mini', messages: MESSAGES }

function start(seed = 1): Promise<Simulator> {
  return startSimulator({ seed, speed: 0, failureRates: NO_FAILURES })
}

function clientOf({ url }: Simulator, maxRetries = 0): OpenAI {
  return new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries })
}

function behave(behaviour: string): { headers: Record<string, string> } {
  return { headers: { 'x-sim-behaviour': behaviour } }
}

async function rawBodies(seed: number, requests: readonly object[]): Promise<string[]> {
  await using simulator = await start(seed)
  const bodies: string[] = []
  for (const request of requests) {
    const response = await fetch(`${simulator.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(request),
    })
    bodies.push(`${[...response.headers].join('\n')}\n${await response.text()}`)
  }
  return bodies
}

describe('the same seed', () => {
  test('gives byte-equal answers, plain and streamed, headers included', async () => {
    const requests = [BASE, { ...BASE, ...STREAM }, { ...BASE, tools: TOOLS }, BASE]

    const first = await rawBodies(4, requests)

    expect(await rawBodies(4, requests)).toEqual(first)
    expect(await rawBodies(5, requests)).not.toEqual(first)
  })

  test('answers a repeated request anew', async () => {
    const [first, second] = await rawBodies(4, [BASE, BASE])

    expect(second).not.toBe(first)
  })
})

describe('the stream', () => {
  test('opens with the role, then text, the end, the usage and [DONE]', async () => {
    const [body] = await rawBodies(1, [{ ...BASE, ...STREAM }])

    const data = [...(body ?? '').matchAll(/^data: (.*)$/gm)].map((match) => match[1] ?? '')
    const chunks = data.slice(0, -1).map((text) => JSON.parse(text) as OpenAI.ChatCompletionChunk)
    expect(data.at(-1)).toBe('[DONE]')
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' })
    expect(chunks[1]?.choices[0]?.delta).toEqual({ content: expect.stringMatching(/\S/) })
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.at(-1)?.choices).toEqual([])
    expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0)
    expect(new Set(chunks.slice(0, -1).map(({ usage }) => usage))).toEqual(new Set([null]))
  })

  test('carries no usage unless asked', async () => {
    await using simulator = await start()
    const stream = await clientOf(simulator).chat.completions.create({ ...BASE, stream: true })

    const chunks = await readAll(stream)

    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false)
  })

  test('says the same as the plain answer, tool arguments included', async () => {
    const requests = { ...BASE, tools: TOOLS }
    await using plainSimulator = await start()
    await using streamSimulator = await start()

    const plain = await clientOf(plainSimulator).chat.completions.create(requests)
    const stream = clientOf(streamSimulator).chat.completions.stream({ ...requests, ...STREAM })
    const streamed = await stream.finalChatCompletion()

    expect(streamed.id).toBe(plain.id)
    expect(streamed.usage).toEqual(plain.usage)
    const calls = streamed.choices[0]?.message.tool_calls ?? []
    expect(calls).toMatchObject(plain.choices[0]?.message.tool_calls ?? [{}])
    expect(streamed.choices[0]?.message.content ?? null).toBe(
      plain.choices[0]?.message.content ?? null,
    )
  })
})

describe('failures', () => {
  test('a 429 carries retry-after and the error body of OpenAI', async () => {
    await using simulator = await start()

    const error = await failure(() =>
      clientOf(simulator).chat.completions.create(BASE, behave('429')),
    )

    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'requests' })
    expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after')).toBe('1')
  })

  test('a 429 that passes lets the retry through', async () => {
    await using simulator = await start()

    const answer = await clientOf(simulator, 1).chat.completions.create(BASE, behave('429-once'))

    expect(answer.choices[0]?.finish_reason).toBe('stop')
  })

  test('a 500 is an InternalServerError, by the model name as well', async () => {
    await using simulator = await start()
    const request = { ...BASE, model: 'sim-500' }

    const error = await failure(() => clientOf(simulator).chat.completions.create(request))

    expect(error).toBeInstanceOf(OpenAI.InternalServerError)
  })

  test.for(['break', 'error-event'])('a stream with %s fails in the middle', async (behaviour) => {
    await using simulator = await start()
    const stream = await clientOf(simulator).chat.completions.create(
      { ...BASE, ...STREAM },
      behave(behaviour),
    )
    const chunks: unknown[] = []

    const error = await failure(async () => {
      for await (const chunk of stream) chunks.push(chunk)
    })

    expect(error).toBeInstanceOf(Error)
    expect(chunks.length).toBeGreaterThan(3)
  })

  test('a provider that hangs is cut off by the client', async () => {
    await using simulator = await start()

    const error = await failure(() =>
      clientOf(simulator).chat.completions.create(BASE, { ...behave('timeout'), timeout: 50 }),
    )

    expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
  })

  test.for([
    ['no JSON', '{', 400],
    ['no model', '{"messages":[{"role":"user","content":"a"}]}', 400],
    ['an unknown role', '{"model":"m","messages":[{"role":"king","content":"a"}]}', 400],
  ] as const)('%s is answered with an error in the format of OpenAI', async ([, body, status]) => {
    await using simulator = await start()

    const response = await fetch(`${simulator.url}/v1/chat/completions`, { method: 'POST', body })

    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })
})

describe('further answers', () => {
  test('parallel tool calls, several choices, refusal and content filter', async () => {
    await using simulator = await start()
    const { completions } = clientOf(simulator).chat

    const parallel = await completions.create({ ...BASE, tools: TOOLS }, behave('parallel-tools'))
    const several = await completions.create({ ...BASE, n: 2 })
    const refused = await completions.create(BASE, behave('refusal'))
    const filtered = await completions.create(BASE, behave('content-filter'))

    expect(parallel.choices[0]?.message.tool_calls).toHaveLength(2)
    expect(several.choices.map(({ index }) => index)).toEqual([0, 1])
    expect(refused.choices[0]?.message.refusal).toMatch(/cannot/)
    expect(filtered.choices[0]?.finish_reason).toBe('content_filter')
  })

  test('a follow-up with a long prompt reads from the cache and says how much', async () => {
    await using simulator = await start()
    const long = { role: 'user', content: 'word '.repeat(2_000) } as const
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
    } as const
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      long,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '{}' },
    ]

    const answers = await Promise.all(
      [1, 2, 3, 4].map((number) =>
        clientOf(simulator).chat.completions.create({
          ...BASE,
          messages: [
            ...messages.slice(0, 2),
            { ...messages[2], content: `{"n":${number}}` },
          ] as typeof messages,
        }),
      ),
    )

    const cached = answers.map(({ usage }) => usage?.prompt_tokens_details?.cached_tokens ?? 0)
    expect(Math.max(...cached)).toBeGreaterThan(1_024)
    expect(cached.every((tokens) => tokens % 128 === 0)).toBe(true)
  })

  test('embeddings are unit vectors, equal for equal texts', async () => {
    await using simulator = await start()

    const { data, usage } = await clientOf(simulator).embeddings.create({
      model: 'text-embedding-3-small',
      input: ['a lamp', 'a tent', 'a lamp'],
    })

    expect(data[0]?.embedding).toEqual(data[2]?.embedding)
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding)
    expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1)
    expect(usage.total_tokens).toBe(6)
  })

  test('the models are listed, an unknown path is a 404', async () => {
    await using simulator = await start()

    const models = await clientOf(simulator).models.list()
    const unknown = await fetch(`${simulator.url}/v1/nothing`)

    expect(models.data.map(({ id }) => id)).toContain('gpt-5-mini')
    expect(unknown.status).toBe(404)
  })

  test('delays follow the call, as the clock sees it', async () => {
    const waits: number[] = []
    const clock = {
      now: () => 0,
      sleep: (ms: number) => {
        waits.push(ms)
        return Promise.resolve()
      },
    }
    await using simulator = await startSimulator({
      seed: 1,
      speed: 0.5,
      failureRates: NO_FAILURES,
      clock,
    })

    await readAll(await clientOf(simulator).chat.completions.create({ ...BASE, stream: true }))

    expect(waits.length).toBeGreaterThan(10)
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  })
})

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const chunks: T[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

async function failure(action: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await action()
  } catch (error) {
    return error
  }
  throw new Error('nothing failed')
}
