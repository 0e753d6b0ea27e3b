import { flush, init, shutdown, wrap } from '@sightline/sdk'
import OpenAI from 'openai'
import { afterEach, expect, test } from 'vitest'
import { SpanList } from '../../server/contract/index.ts'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { startTestServer } from '../support/test-server.ts'

afterEach(async () => {
  await shutdown()
})

test('calls for images, sound and moderation are listed as what they are', async () => {
  await using server = await startTestServer()
  await using simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  init({ endpoint: server.url, service: 'media' })
  const client = wrap(new OpenAI({ apiKey: 'key', baseURL: `${simulator.url}/v1` }))
  const file = new File([new Uint8Array(500)], 'call.mp3', { type: 'audio/mpeg' })

  await client.images.generate({ model: 'gpt-image-1', prompt: 'A red lamp' })
  await client.audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello' })
  await client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file })
  await client.audio.translations.create({ model: 'whisper-1', file })
  await client.moderations.create({ model: 'omni-moderation-latest', input: 'a lamp' })
  await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'Once' })
  await client.responses.create({ model: 'gpt-5-mini', input: 'Where is my parcel?' })
  await flush()

  const answer = await fetch(`${server.url}/api/v1/spans`)
  const spans = SpanList.parse(await answer.json()).items
  const byName = Object.fromEntries(spans.map((span) => [span.name, span]))
  expect(byName).toMatchObject({
    'image_generation gpt-image-1': {
      type: 'llm',
      task: 'image',
      inputTokens: 50,
      imageInputTokens: 30,
    },
    'speech gpt-4o-mini-tts': { type: 'llm', task: 'speech', inputTokens: null },
    'transcription gpt-4o-transcribe': {
      type: 'llm',
      task: 'speech',
      audioInputTokens: 40,
      outputTokens: 9,
    },
    'translation whisper-1': { type: 'llm', task: 'translation', inputTokens: null },
    'moderation omni-moderation-latest': { type: 'guardrail', task: 'classification' },
    'text_completion gpt-3.5-turbo-instruct': { type: 'llm', task: 'completion' },
    'chat gpt-5-mini': { type: 'llm', task: 'chat' },
  })
  expect(spans.map(({ status }) => status)).toEqual(spans.map(() => 'ok'))
})
