import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, behave } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

const IMAGE = { model: 'gpt-image-1', prompt: 'A red lamp' }
const SPEECH = {
  model: 'gpt-4o-mini-tts',
  voice: 'alloy',
  input: 'Your order is on its way.',
} as const

function upload(name: string, type: string): File {
  return new File([new Uint8Array(2_000).fill(7)], name, { type })
}

const BLOB = {
  type: 'blob',
  modality: 'image',
  mime_type: 'image/png',
  bytes: 6_000,
  sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
}

/** Images, sound and moderation. */
export const mediaCases: readonly MatrixCase<OpenAISetting>[] = [
  {
    name: 'images-generate',
    group: 'more',
    run: async ({ client }) => {
      const promise = client.images.generate(IMAGE)
      return [shapeOf(promise), await promise]
    },
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.name).toBe('image_generation gpt-image-1')
        expect(span.attributes).toMatchObject({
          'sightline.kind': 'llm',
          'sightline.task': 'image',
          'gen_ai.output.type': 'image',
          'gen_ai.usage.image.input_tokens': 30,
          'gen_ai.usage.image.output_tokens': 272,
        })
        expect(answerOf(span)).toMatchObject([{ role: 'assistant', parts: [BLOB] }])
      },
    },
  },
  {
    name: 'images-generate-url',
    group: 'more',
    run: async ({ client }) =>
      await client.images.generate({ model: 'dall-e-3', prompt: 'A lamp', response_format: 'url' }),
    expected: {
      usage: 'absent',
      check: (span) =>
        expect(answerOf(span)).toEqual([
          {
            role: 'assistant',
            parts: [
              { type: 'uri', modality: 'image', uri: 'https://images.example/1.png' },
              { type: 'text', content: 'A red lamp.' },
            ],
          },
        ]),
    },
  },
  {
    name: 'images-generate-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.images.generate({ ...IMAGE, stream: true, partial_images: 1 })),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => expect(answerOf(span)).toMatchObject([{ parts: [BLOB] }]),
    },
  },
  {
    name: 'images-edit',
    group: 'more',
    run: async ({ client }) =>
      await client.images.edit({ ...IMAGE, image: upload('lamp.png', 'image/png') }),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.operation.name']).toBe('image_edit')
        expect(JSON.parse(String(span.attributes['gen_ai.input.messages']))).toEqual([
          {
            role: 'user',
            parts: [
              { type: 'text', content: 'A red lamp' },
              {
                type: 'file',
                modality: 'image',
                file_id: 'lamp.png',
                mime_type: 'image/png',
                bytes: 2_000,
              },
            ],
          },
        ])
      },
    },
  },
  {
    name: 'images-error',
    group: 'more',
    run: async ({ client }) => await failureOf(client.images.generate(IMAGE, behave('429'))),
    expected: { errorType: '429' },
  },
  {
    name: 'audio-speech',
    group: 'more',
    run: async ({ client }) => {
      const response = await client.audio.speech.create(SPEECH)
      return [response, Buffer.from(await response.arrayBuffer()).toString('base64')]
    },
    expected: {
      check: ({ name, attributes }) => {
        expect(name).toBe('speech gpt-4o-mini-tts')
        expect(attributes).toMatchObject({
          'sightline.task': 'speech',
          'gen_ai.output.type': 'speech',
          'openai.request.voice': 'alloy',
          'openai.response.bytes': 4_000,
        })
      },
    },
  },
  {
    name: 'audio-speech-never-read',
    group: 'more',
    run: async ({ client }) => await client.audio.speech.create(SPEECH),
    expected: {},
  },
  {
    name: 'audio-speech-error',
    group: 'more',
    run: async ({ client }) => await failureOf(client.audio.speech.create(SPEECH, behave('500'))),
    expected: { errorType: '500' },
  },
  {
    name: 'audio-transcription',
    group: 'more',
    run: async ({ client }) =>
      await client.audio.transcriptions.create({
        model: 'gpt-4o-transcribe',
        file: upload('call.mp3', 'audio/mpeg'),
      }),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes).toMatchObject({
          'gen_ai.operation.name': 'transcription',
          'gen_ai.usage.audio.input_tokens': 40,
        })
        expect(span.attributes['gen_ai.input.messages']).toContain('"file_id":"call.mp3"')
        expect(answerOf(span)).toEqual([
          {
            role: 'assistant',
            parts: [{ type: 'text', content: 'My order 1042 has not come yet.' }],
          },
        ])
      },
    },
  },
  {
    name: 'audio-transcription-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(
        await client.audio.transcriptions.create({
          model: 'gpt-4o-transcribe',
          file: upload('call.mp3', 'audio/mpeg'),
          stream: true,
        }),
      ),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.output.messages']).toContain('My order 1042'),
    },
  },
  {
    name: 'audio-transcription-text-by-seconds',
    group: 'more',
    run: async ({ client }) => {
      const file = upload('call.mp3', 'audio/mpeg')
      const model = 'whisper-1'
      return [
        await client.audio.transcriptions.create({ model, file, response_format: 'text' }),
        await client.audio.transcriptions.create({ model, file }),
      ]
    },
    expected: {
      count: 2,
      usage: 'absent',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.output.messages']).toContain('My order 1042'),
    },
  },
  {
    name: 'audio-translation',
    group: 'more',
    run: async ({ client }) =>
      await client.audio.translations.create({
        model: 'whisper-1',
        file: upload('call.mp3', 'audio/mpeg'),
      }),
    expected: {
      usage: 'absent',
      check: ({ attributes }) => {
        expect(attributes['sightline.task']).toBe('translation')
        expect(attributes['gen_ai.usage.audio.seconds']).toBe(4)
      },
    },
  },
  {
    name: 'moderations',
    group: 'more',
    run: async ({ client }) =>
      await client.moderations.create({
        model: 'omni-moderation-latest',
        input: ['I will hurt you', 'a lamp'],
      }),
    expected: {
      usage: 'absent',
      check: (span) => {
        expect(span.attributes).toMatchObject({
          'sightline.kind': 'guardrail',
          'sightline.task': 'classification',
          'openai.moderation.flagged': true,
        })
        const [first] = answerOf(span) as { parts: { content: string }[] }[]
        expect(JSON.parse(first?.parts[0]?.content ?? '')).toMatchObject({
          flagged: true,
          categories: ['violence'],
          scores: { violence: 0.97 },
        })
      },
    },
  },
  {
    name: 'moderations-error',
    group: 'more',
    run: async ({ client }) =>
      await failureOf(client.moderations.create({ input: 'a lamp' }, behave('429'))),
    expected: { errorType: '429' },
  },
]
