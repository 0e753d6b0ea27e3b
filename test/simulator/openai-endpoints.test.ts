import OpenAI, { AzureOpenAI } from 'openai'
import { describe, expect, test } from 'vitest'
import { NO_FAILURES } from './behaviour.ts'
import { startSimulator } from './start-simulator.ts'

const QUESTION = 'How do I change the delivery address of order 1042?'

async function start(seed = 7) {
  return await startSimulator({ seed, speed: 0, failureRates: NO_FAILURES })
}

function clientOf({ url }: { url: string }, path = '/v1'): OpenAI {
  return new OpenAI({ apiKey: 'key', baseURL: url + path, maxRetries: 0 })
}

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

function behave(behaviour: string) {
  return { headers: { 'x-sim-behaviour': behaviour } }
}

describe('responses', () => {
  const params = { model: 'gpt-5-mini', input: QUESTION, reasoning: { summary: 'auto' } } as const

  test('the same seed gives the same answer, another one another', async () => {
    const answers = []
    for (const seed of [7, 7, 8]) {
      await using simulator = await start(seed)
      answers.push(await clientOf(simulator).responses.create(params))
    }

    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.output_text).not.toBe(answers[2]?.output_text)
    expect(answers[0]?.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0)
  })

  test('a stream ends with what the plain answer is, and its deltas make the same text', async () => {
    await using first = await start()
    await using second = await start()

    const { output_text: text, ...plain } = await clientOf(first).responses.create(params)
    const events = await readAll(
      await clientOf(second).responses.create({ ...params, stream: true }),
    )

    const last = events.at(-1)
    const deltas = events.map((event) =>
      event.type === 'response.output_text.delta' ? event.delta : '',
    )
    expect(last?.type).toBe('response.completed')
    expect(last).toMatchObject({ response: plain })
    expect(deltas.join('')).toBe(text)
    expect(events.map(({ sequence_number: number }) => number)).toEqual([...events.keys()])
  })

  test('a response fails, is cut short, refuses and calls tools as it is asked to', async () => {
    await using simulator = await start()
    const { responses } = clientOf(simulator)
    const tool = { type: 'function', name: 'find', parameters: {}, strict: false } as const

    const failed = await responses.create(params, behave('response-failed'))
    const cut = await responses.create(params, behave('length'))
    const refused = await responses.create(params, behave('refusal'))
    const asked = await responses.create({ ...params, tools: [tool] }, behave('parallel-tools'))

    expect([failed.status, failed.error?.code]).toEqual(['failed', 'server_error'])
    expect(cut.incomplete_details).toEqual({ reason: 'max_output_tokens' })
    expect(JSON.stringify(refused.output)).toContain('"type":"refusal"')
    expect(asked.output.filter(({ type }) => type === 'function_call')).toHaveLength(2)
  })
})

describe('those who speak the format', () => {
  const params: OpenAI.Chat.ChatCompletionCreateParamsStreaming = {
    model: 'llama-3.3',
    messages: [{ role: 'user', content: QUESTION }],
    stream: true,
  }
  const withUsage = { ...params, stream_options: { include_usage: true } }

  test('Azure begins with its filter’s verdict and names the model behind the deployment', async () => {
    await using simulator = await start()
    const azure = new AzureOpenAI({ apiKey: 'key', endpoint: simulator.url, apiVersion: '1' })

    const [first, ...chunks] = await readAll(await azure.chat.completions.create(withUsage))

    expect(first).toMatchObject({ id: '', model: '', choices: [], prompt_filter_results: [{}] })
    expect(new Set(chunks.map(({ model }) => model))).toEqual(new Set(['gpt-4o-mini-2024-07-18']))
  })

  test('Groq, DeepSeek and OpenRouter say usage each in its own way', async () => {
    await using simulator = await start()
    const lastOf = async (flavour: string, body: typeof params) =>
      (await readAll(await clientOf(simulator, `/${flavour}/v1`).chat.completions.create(body))).at(
        -1,
      )

    expect(await lastOf('groq', params)).toMatchObject({
      x_groq: { usage: { prompt_tokens: expect.any(Number) } },
    })
    expect(await lastOf('deepseek', withUsage)).toMatchObject({
      usage: { prompt_cache_hit_tokens: expect.any(Number) },
    })
    expect(await lastOf('openrouter', withUsage)).toMatchObject({
      usage: { cost: expect.any(Number) },
    })
  })
})

describe('images, sound and moderation', () => {
  test('equal requests give equal bytes', async () => {
    const answers: unknown[] = []
    for (let round = 0; round < 2; round++) {
      await using simulator = await start()
      const client = clientOf(simulator)
      const image = await client.images.generate({ model: 'gpt-image-1', prompt: 'A lamp' })
      const speech = await client.audio.speech.create({
        model: 'gpt-4o-mini-tts',
        voice: 'alloy',
        input: 'Hello',
      })
      const bytes = Buffer.from(await speech.arrayBuffer())
      answers.push([image.data, bytes.toString('base64')])
    }

    expect(answers[0]).toEqual(answers[1])
  })

  test('uploads are taken, streamed answers end with their usage', async () => {
    await using simulator = await start()
    const file = new File([new Uint8Array(500)], 'call.mp3', { type: 'audio/mpeg' })

    const events = await readAll(
      await clientOf(simulator).audio.transcriptions.create({
        model: 'gpt-4o-transcribe',
        file,
        stream: true,
      }),
    )

    expect(events.length).toBeGreaterThan(3)
    expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', usage: { type: 'tokens' } })
  })

  test('what is violent is flagged, what is not is not', async () => {
    await using simulator = await start()

    const { results } = await clientOf(simulator).moderations.create({
      input: ['I will hurt you', 'a lamp'],
    })

    expect(results.map(({ flagged }) => flagged)).toEqual([true, false])
  })
})
