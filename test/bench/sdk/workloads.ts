import type OpenAI from 'openai'
import { Texts } from './texts.ts'

export const WORKLOADS = ['chat1k', 'chat20k', 'tool', 'stream200', 'stream2000', 'embed'] as const

export type WorkloadName = (typeof WORKLOADS)[number]

/** What a provider answers: a body, or the packets of a stream. */
export type ProviderAnswer = string | readonly Uint8Array[]

type Chat = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming
type Message = OpenAI.Chat.ChatCompletionMessageParam

/** A call of the application with its answer, and how much of it a process makes. */
export type Workload = {
  /** Calls before the first look, enough for V8 to have compiled everything for good. */
  readonly warmUp: number
  /** Calls between two looks at the clock; enough for full batches. */
  readonly segment: number
  readonly answers: readonly ProviderAnswer[]
  /** Makes call number `index`; the time of the first chunk on `performance.now()`, for streams. */
  readonly call: (openai: OpenAI, index: number) => Promise<number | undefined>
}

const KB = 1_024
const MODEL = 'gpt-5-mini'
const VECTOR_LENGTH = 1_536

/** Pools are as large as a batch, so that no text comes twice in what is compressed together. */
export function makeWorkload(name: WorkloadName): Workload {
  const texts = new Texts(7)
  switch (name) {
    case 'chat1k':
      return chat({ texts, pool: 512, warmUp: 16_000, segment: 500 }, KB)
    case 'chat20k':
      return chat({ texts, pool: 64, warmUp: 6_000, segment: 250 }, 20 * KB)
    case 'tool':
      return tool({ texts, pool: 512, warmUp: 16_000, segment: 500 })
    case 'stream200':
      return stream({ texts, pool: 64, warmUp: 1_000, segment: 50 }, 200)
    case 'stream2000':
      return stream({ texts, pool: 8, warmUp: 100, segment: 8 }, 2_000)
    case 'embed':
      return embed({ texts, pool: 512, warmUp: 16_000, segment: 500 })
  }
}

type Plan = {
  readonly texts: Texts
  readonly pool: number
  readonly warmUp: number
  readonly segment: number
}

/** A question of `bytes` after some turns, and an answer of 1 kB (4 kB where the question is long). */
function chat({ texts, pool, warmUp, segment }: Plan, bytes: number): Workload {
  const requests = repeat(pool, (): Chat => {
    const turns = bytes > 4 * KB ? 8 : 1
    const messages: Message[] = [{ role: 'system', content: texts.make(120) }]
    for (let turn = 0; turn < turns; turn += 1) {
      const role = turn % 2 === 0 ? 'user' : 'assistant'
      messages.push({ role, content: texts.make(bytes / turns) })
    }
    return { model: MODEL, temperature: 0.2, max_tokens: 1_024, messages }
  })
  const answers = repeat(pool, () => completion(texts.make(bytes > 4 * KB ? 4 * KB : KB)))
  return { warmUp, segment, answers, call: callOf(requests) }
}

/** The second round of a tool call: the model has asked, the tool has answered, the model asks again. */
function tool({ texts, pool, warmUp, segment }: Plan): Workload {
  const requests = repeat(pool, (): Chat => {
    const id = `call_${texts.below(1e9)}`
    const arguments_ = JSON.stringify({ order: `A-${texts.below(1e6)}`, reason: texts.make(40) })
    return {
      model: MODEL,
      temperature: 0,
      tools: TOOLS,
      messages: [
        { role: 'user', content: texts.make(160) },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id, type: 'function', function: { name: 'find_order', arguments: arguments_ } },
          ],
        },
        { role: 'tool', tool_call_id: id, content: texts.make(200) },
      ],
    }
  })
  const answers = repeat(pool, () =>
    completion(null, [
      {
        id: `call_${texts.below(1e9)}`,
        type: 'function',
        function: {
          name: 'refund',
          arguments: JSON.stringify({ order: `A-${texts.below(1e6)}`, note: texts.make(60) }),
        },
      },
    ]),
  )
  return { warmUp, segment, answers, call: callOf(requests) }
}

function callOf(requests: readonly Chat[]): Workload['call'] {
  return async (openai, index) => {
    const answer = await openai.chat.completions.create(pick(requests, index))
    if (answer.choices.length !== 1) throw new Error('the answer is not the one that was given')
    return undefined
  }
}

function stream({ texts, pool, warmUp, segment }: Plan, chunks: number): Workload {
  const requests = repeat(pool, (): OpenAI.Chat.ChatCompletionCreateParamsStreaming => ({
    model: MODEL,
    temperature: 0.2,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: texts.make(300) }],
  }))
  const answers = repeat(pool, () => streamEvents(texts, chunks))
  return {
    warmUp,
    segment,
    answers,
    call: async (openai, index) => {
      let first: number | undefined
      let count = 0
      for await (const chunk of await openai.chat.completions.create(pick(requests, index))) {
        if (chunk.choices[0]?.delta.content) first ??= performance.now()
        count += 1
      }
      if (count !== chunks + 2) throw new Error(`${count} chunks came of ${chunks + 2}`)
      return first
    },
  }
}

function embed({ texts, pool, warmUp, segment }: Plan): Workload {
  const inputs = repeat(pool, () => texts.make(KB))
  // Vectors are no part of what is recorded: a few will do.
  const answers = repeat(16, () => {
    const vector = Float32Array.from({ length: VECTOR_LENGTH }, () => texts.below(1e6) / 1e6)
    const embedding = Buffer.from(vector.buffer).toString('base64')
    return JSON.stringify({
      object: 'list',
      model: 'text-embedding-3-small',
      data: [{ object: 'embedding', index: 0, embedding }],
      usage: { prompt_tokens: 256, total_tokens: 256 },
    })
  })
  return {
    warmUp,
    segment,
    answers,
    call: async (openai, index) => {
      const input = pick(inputs, index)
      const answer = await openai.embeddings.create({ model: 'text-embedding-3-small', input })
      const length = answer.data[0]?.embedding.length
      if (length !== VECTOR_LENGTH) throw new Error(`a vector of ${length} numbers came back`)
      return undefined
    },
  }
}

const TOOLS: OpenAI.Chat.ChatCompletionTool[] = [
  toolOf('find_order', 'Finds an order by its number.', ['order', 'reason']),
  toolOf('refund', 'Pays an order back, wholly or in part.', ['order', 'note']),
]

function toolOf(
  name: string,
  description: string,
  fields: readonly string[],
): OpenAI.Chat.ChatCompletionTool {
  const properties = Object.fromEntries(fields.map((field) => [field, { type: 'string' }]))
  const parameters = { type: 'object', properties, required: fields }
  return { type: 'function', function: { name, description, parameters } }
}

const USAGE = {
  prompt_tokens: 260,
  completion_tokens: 240,
  total_tokens: 500,
  prompt_tokens_details: { cached_tokens: 128, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 64, audio_tokens: 0 },
}

let lastId = 0

function envelope(object: string): Record<string, unknown> {
  lastId += 1
  return {
    id: `chatcmpl-${lastId}`,
    object,
    created: 1_790_000_000,
    model: `${MODEL}-2026-08-07`,
    service_tier: 'default',
    system_fingerprint: 'fp_44709d6fcb',
  }
}

function completion(content: string | null, toolCalls?: readonly object[]): string {
  const message = {
    role: 'assistant',
    content,
    refusal: null,
    ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }),
  }
  const reason = toolCalls === undefined ? 'stop' : 'tool_calls'
  return JSON.stringify({
    ...envelope('chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: reason }],
    usage: USAGE,
  })
}

/** One event per token, as a provider sends them, then the end and the usage. */
function streamEvents(texts: Texts, chunks: number): Uint8Array[] {
  const head = envelope('chat.completion.chunk')
  const text = texts.make(chunks * 5)
  const deltas = repeat(chunks, (index) => ({
    choices: [
      {
        index: 0,
        delta: {
          ...(index === 0 ? { role: 'assistant' } : {}),
          content: text.slice(index * 5, index * 5 + 5),
        },
        logprobs: null,
        finish_reason: null,
      },
    ],
    usage: null,
  }))
  const end = { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] }
  const events = [...deltas, { ...end, usage: null }, { choices: [], usage: USAGE }]
  const lines = events.map((event) => `data: ${JSON.stringify({ ...head, ...event })}\n\n`)
  return toPackets([...lines, 'data: [DONE]\n\n'])
}

/** The first event comes alone, the rest five at a time. */
function toPackets([first = '', ...rest]: readonly string[]): Uint8Array[] {
  const packets = [first]
  for (let at = 0; at < rest.length; at += 5) packets.push(rest.slice(at, at + 5).join(''))
  return packets.map((packet) => new TextEncoder().encode(packet))
}

function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function pick<T>(from: readonly T[], index: number): T {
  const item = from[index % from.length]
  if (item === undefined) throw new Error('the pool is empty')
  return item
}
