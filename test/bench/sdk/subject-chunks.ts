import type OpenAI from 'openai'
import { median } from './statistics.ts'
import type { Subject } from './subject-cost.ts'
import type { ReadyVariant } from './variant.ts'

type Chunk = OpenAI.Chat.ChatCompletionChunk
type ChunkStream = AsyncIterable<Chunk>

export type ChunkFigures = {
  /** Added CPU of the whole process, µs a chunk. */
  readonly addedUs: number
  /** Added from the call to its first chunk, µs. */
  readonly addedFirstUs: number
}

const LONG = 2_000
const SHORT = 10
const PAIRS = 15
const REQUEST = {
  model: 'gpt-5',
  stream: true,
  stream_options: { include_usage: true },
  messages: [{ role: 'user', content: 'Where is my parcel?' }],
} satisfies OpenAI.Chat.ChatCompletionCreateParamsStreaming

/**
 * What a chunk costs by itself. The client parses for 20 µs a chunk, of which each process has its own few per
 * cent: more than what is looked for. So the client's own stream yields chunks here that were parsed before.
 */
export async function chunks(
  { variant, order: { scale } }: Subject,
  bare: ReadyVariant,
): Promise<ChunkFigures> {
  const [without, recorded] = [await prepare(bare), await prepare(variant)]
  const pairsOf = async (length: number) => {
    const calls = Math.ceil((length === LONG ? 100 : 2_000) * scale)
    const [cpuUs, firstUs]: [number[], number[]] = [[], []]
    for (let pair = 0; pair < 2 + PAIRS; pair += 1) {
      const order = pair % 2 === 0 ? [without, recorded] : [recorded, without]
      const done = new Map<Prepared, Segment>()
      for (const one of order) done.set(one, await segment(one, length, calls))
      const [a, b] = [done.get(without), done.get(recorded)]
      // The first two warm up.
      if (a === undefined || b === undefined || pair < 2) continue
      cpuUs.push(b.cpuUs - a.cpuUs)
      firstUs.push(b.firstUs - a.firstUs)
    }
    return { cpuUs: median(cpuUs), firstUs: median(firstUs) }
  }
  await pairsOf(SHORT)
  const long = await pairsOf(LONG)
  const short = await pairsOf(SHORT)
  return { addedUs: (long.cpuUs - short.cpuUs) / (LONG - SHORT), addedFirstUs: short.firstUs }
}

type Prepared = ReadyVariant & {
  /** The next streams have so many chunks. */
  readonly setLength: (length: number) => void
}

type Segment = { readonly cpuUs: number; readonly firstUs: number }

/** The client's classes, taken from one real call of it. */
type PromiseClass = new (client: unknown, response: unknown, parse: () => ChunkStream) => unknown
type StreamClass = new (iterate: () => AsyncIterator<Chunk>, abort: AbortController) => ChunkStream

async function prepare(ready: ReadyVariant): Promise<Prepared> {
  const { openai } = ready
  const promise = openai.chat.completions.create(REQUEST)
  const stream = await promise
  const [ApiPromise, Stream] = [
    promise.constructor as PromiseClass,
    stream.constructor as StreamClass,
  ]
  const all: Chunk[] = []
  for await (const chunk of stream) all.push(chunk)
  const [texts, end] = [all.slice(0, -2), all.slice(-2)]
  let listed = all
  async function* iterate(): AsyncGenerator<Chunk> {
    for (const chunk of listed) yield chunk
  }
  const response = { response: new Response(null), options: {}, controller: new AbortController() }
  Object.assign(openai, {
    post: () => {
      return new ApiPromise(openai, Promise.resolve(response), () => {
        return new Stream(iterate, new AbortController())
      })
    },
  })
  return { ...ready, setLength: (length) => (listed = [...texts.slice(0, length), ...end]) }
}

async function segment(
  { openai, flush, setLength }: Prepared,
  length: number,
  calls: number,
): Promise<Segment> {
  setLength(length)
  const firstMs: number[] = []
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call += 1) {
    const calledAt = performance.now()
    let [count, chars] = [0, 0]
    for await (const chunk of await openai.chat.completions.create(REQUEST)) {
      if (count === 0) firstMs.push(performance.now() - calledAt)
      count += 1
      // As an application does; untouched, what was parsed long ago would come from far memory for us alone.
      chars += chunk.choices[0]?.delta.content?.length ?? 0
    }
    if (chars < length) throw new Error(`${chars} characters came in ${length} chunks`)
    if (count !== length + 2) throw new Error(`${count} chunks came of ${length + 2}`)
  }
  await flush()
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: (user + system) / calls, firstUs: median(firstMs) * 1_000 }
}
