import {
  answerOpenAI,
  openaiCall,
  sendBytes,
  sendOpenAIError,
  sendUnreadable,
} from './openai-answer.ts'
import { fnv1a, randomOf } from './random.ts'
import type { Exchange, Route } from './exchange.ts'
import type { WirePart } from './openai-answer.ts'
import type { SimulatedCall } from './simulate-call.ts'

/** Images, sound and moderation. Uploads are read and thrown away. */
export const OPENAI_MEDIA_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: /^\/v1\/images\/(?<what>generations|edits|variations)$/,
    handle: answerImages,
  },
  { method: 'POST', path: /^\/v1\/audio\/speech$/, handle: answerSpeech },
  {
    method: 'POST',
    path: /^\/v1\/audio\/(?<what>transcriptions|translations)$/,
    handle: answerTranscription,
  },
  { method: 'POST', path: /^\/v1\/moderations$/, handle: answerModeration },
]

type Fields = Record<string, unknown>

const IMAGE_BYTES = 6_000
const IMAGE_USAGE = {
  input_tokens: 50,
  input_tokens_details: { text_tokens: 20, image_tokens: 30 },
  output_tokens: 272,
  output_tokens_details: { text_tokens: 0, image_tokens: 272 },
  total_tokens: 322,
}

async function answerImages(exchange: Exchange): Promise<void> {
  const fields = await readFields(exchange)
  if (fields === undefined) return sendUnreadable(exchange)
  const call = callFor(exchange, fields)
  if (fields['prompt'] === undefined && exchange.params['what'] === 'generations') {
    return sendOpenAIError(exchange, 400, { message: 'An image needs a prompt.', param: 'prompt' })
  }
  const image = bytesOf(call.id, IMAGE_BYTES).toString('base64')
  const prefix = exchange.params['what'] === 'edits' ? 'image_edit' : 'image_generation'
  const shared = { created_at: call.created, size: '1024x1024', output_format: 'png' }
  await answerOpenAI(exchange, call, {
    isStream: String(fields['stream']) === 'true',
    parts: () => [
      eventPart({
        type: `${prefix}.partial_image`,
        ...shared,
        partial_image_index: 0,
        b64_json: image,
      }),
      ...(call.behaviour === 'break'
        ? []
        : [
            eventPart({
              type: `${prefix}.completed`,
              ...shared,
              b64_json: image,
              usage: IMAGE_USAGE,
            }),
          ]),
    ],
    body: () => ({
      created: call.created,
      ...(fields['response_format'] === 'url'
        ? { data: [{ url: 'https://images.example/1.png', revised_prompt: 'A red lamp.' }] }
        : { data: [{ b64_json: image }], output_format: 'png', usage: IMAGE_USAGE }),
    }),
  })
}

async function answerSpeech(exchange: Exchange): Promise<void> {
  const fields = await readFields(exchange)
  if (fields === undefined) return sendUnreadable(exchange)
  const call = callFor(exchange, fields)
  if (call.behaviour === 'ok' || call.behaviour === 'break') {
    return await sendBytes(exchange, call, {
      contentType: 'audio/mpeg',
      body: bytesOf(call.id, 4_000),
    })
  }
  await answerOpenAI(exchange, call, { isStream: false, parts: () => [], body: () => ({}) })
}

const SPOKEN = 'My order 1042 has not come yet.'

async function answerTranscription(exchange: Exchange): Promise<void> {
  const fields = await readFields(exchange)
  if (fields === undefined) return sendUnreadable(exchange)
  const call = callFor(exchange, fields)
  const usage = {
    type: 'tokens',
    input_tokens: 40,
    input_token_details: { text_tokens: 0, audio_tokens: 40 },
    output_tokens: 9,
    total_tokens: 49,
  }
  if (fields['response_format'] === 'text') {
    const body = Buffer.from(`${SPOKEN}\n`)
    return await sendBytes(exchange, call, { contentType: 'text/plain', body })
  }
  const isWhisper = String(fields['model']).startsWith('whisper')
  await answerOpenAI(exchange, call, {
    isStream: String(fields['stream']) === 'true',
    parts: () => [
      ...(SPOKEN.match(/\s*\S+/g) ?? []).map((delta) =>
        eventPart({ type: 'transcript.text.delta', delta }),
      ),
      ...(call.behaviour === 'break'
        ? []
        : [eventPart({ type: 'transcript.text.done', text: SPOKEN, usage })]),
    ],
    body: () => ({ text: SPOKEN, usage: isWhisper ? { type: 'duration', seconds: 4 } : usage }),
  })
}

const CATEGORIES = ['harassment', 'hate', 'self-harm', 'sexual', 'violence']

async function answerModeration(exchange: Exchange): Promise<void> {
  const fields = await readFields(exchange)
  if (fields === undefined) return sendUnreadable(exchange)
  const call = callFor(exchange, { ...fields, model: fields['model'] ?? 'omni-moderation-latest' })
  const inputs = Array.isArray(fields['input']) ? fields['input'] : [fields['input']]
  await answerOpenAI(exchange, call, {
    isStream: false,
    parts: () => [],
    body: () => ({
      id: call.id.replace('chatcmpl', 'modr'),
      model: call.model,
      results: inputs.map((input) => verdictOn(JSON.stringify(input) ?? '')),
    }),
  })
}

function verdictOn(input: string): object {
  const random = randomOf(fnv1a(input))
  const isViolent = /kill|hurt/.test(input)
  const scores = CATEGORIES.map((name) => [
    name,
    name === 'violence' && isViolent ? 0.97 : random.uniform() / 100,
  ])
  return {
    flagged: isViolent,
    categories: Object.fromEntries(
      CATEGORIES.map((name) => [name, name === 'violence' && isViolent]),
    ),
    category_scores: Object.fromEntries(scores),
    category_applied_input_types: {},
  }
}

function eventPart(event: { type: string; [field: string]: unknown }): WirePart {
  return { text: `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, atMs: 0 }
}

function callFor(exchange: Exchange, fields: Fields): SimulatedCall {
  const content = JSON.stringify(fields['prompt'] ?? fields['input'] ?? 'an upload')
  const model = typeof fields['model'] === 'string' ? fields['model'] : 'gpt-image-1'
  return openaiCall(exchange, { model, messages: [{ role: 'user', content }] })
}

function bytesOf(name: string, length: number): Buffer {
  const random = randomOf(fnv1a(name))
  return Buffer.from(Uint8Array.from({ length }, () => random.integer(256)))
}

/** The fields of a JSON body, or the texts of a form. */
async function readFields(exchange: Exchange): Promise<Fields | undefined> {
  const contentType = exchange.request.headers['content-type'] ?? ''
  if (!contentType.startsWith('multipart/')) {
    const body = await exchange.readJson()
    return typeof body === 'object' && body !== null ? (body as Fields) : undefined
  }
  const bytes = await exchange.readBytes()
  if (bytes === undefined) return undefined
  const headers = { 'content-type': contentType }
  const form = await new Response(new Uint8Array(bytes), { headers }).formData()
  return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'))
}
