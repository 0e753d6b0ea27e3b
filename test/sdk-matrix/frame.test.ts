import { describe, expect, test } from 'vitest'
import { startHeldOpenAI } from './held-openai.ts'
import type { Base, RunCase } from './matrix-case.ts'
import { hasHeader } from './matrix-page.ts'
import { chatCases } from './openai-chat-cases.ts'
import { OPENAI_CLIENTS, streamParams } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'
import { streamCases } from './openai-stream-cases.ts'
import { NO_SDK } from './packed-sdk.ts'
import { observeRun, runBare } from './run-case.ts'
import { readAll } from './snapshot.ts'

// What other wrappers do to an application. A frame that let one of these pass would prove nothing.

type Create = (...args: unknown[]) => PromiseLike<object> & { asResponse?: unknown }

/** A wrapper that does something else around `chat.completions.create`. */
function wrapperThat(change: (create: Create, args: unknown[]) => unknown): Base['prepare'] {
  return (client) => {
    const { completions } = (client as unknown as OpenAISetting['client']).chat
    const create = completions.create.bind(completions) as unknown as Create
    Object.defineProperty(completions, 'create', {
      value: (...args: unknown[]) => change(create, args),
      configurable: true,
    })
    return client
  }
}

type Chunks = AsyncIterable<Record<string, unknown>> & {
  iterator: () => AsyncIterator<Record<string, unknown>>
  tee(): [Chunks, Chunks]
}

const SABOTAGES: readonly [what: string, caseName: string, prepare: Base['prepare']][] = [
  [
    'a plain promise in place of the client’s',
    'plain',
    wrapperThat(async (create, args) => await create(...args)),
  ],
  [
    'a message added to the request',
    'plain',
    wrapperThat((create, [body, ...rest]) => create({ ...(body as object), store: true }, ...rest)),
  ],
  [
    'a header added to the request',
    'plain',
    wrapperThat((create, [body]) => create(body, { headers: { traceparent: '00-1-1-01' } })),
  ],
  [
    'a field added to the answer',
    'plain',
    wrapperThat((create, args) => {
      const promise = create(...args)
      void promise.then((completion) => Object.assign(completion, { traced: true }))
      return promise
    }),
  ],
  [
    'a rejection nobody handles',
    'error-429',
    wrapperThat((create, args) => {
      const promise = create(...args)
      void promise.then(() => undefined)
      return promise
    }),
  ],
  [
    'a failure of another class',
    'error-429',
    wrapperThat((create, args) => {
      const promise = create(...args)
      const fail = () => Promise.reject(new Error('wrapped'))
      return Object.defineProperty(promise, 'parse', { value: fail })
    }),
  ],
  [
    'a stream read to its end behind the reader’s back',
    'three chunks and no more',
    wrapperThat((create, args) => {
      const promise = create(...args)
      void promise.then((stream) => {
        const chunks = stream as Chunks
        const [mine, theirs] = chunks.tee()
        chunks.iterator = () => theirs[Symbol.asyncIterator]()
        void (async () => {
          for await (const _ of mine) continue
        })()
      })
      return promise
    }),
  ],
  [
    'chunks changed on their way',
    'stream',
    wrapperThat((create, args) => {
      const promise = create(...args)
      void promise.then((stream) => {
        const chunks = stream as Chunks
        const makeIterator = chunks.iterator
        chunks.iterator = async function* changed() {
          for await (const chunk of { [Symbol.asyncIterator]: makeIterator }) {
            yield Object.assign(chunk, { usage: undefined })
          }
        }
      })
      return promise
    }),
  ],
]

test('docs/sdk-behaviour.md begins with what the frame says of it', () => {
  expect(hasHeader()).toBe(true)
})

describe('the matrix sees', () => {
  const [client] = OPENAI_CLIENTS
  if (client === undefined) throw new Error('there is no client')
  const matrix = { title: 'frame', clients: [client], cases: [], startHeld: startHeldOpenAI }

  test.each(SABOTAGES)('%s', async (_, caseName, prepare) => {
    const task = { matrix, client, runCase: caseNamed(caseName) }

    const bare = await runBare(task)
    const again = await runBare(task)
    const touched = await observeRun(task, { sdk: NO_SDK, prepare, isWrapped: true })

    expect(again.seen).toEqual(bare.seen)
    expect(touched.seen).not.toEqual(bare.seen)
  })
})

const threeChunks: RunCase<OpenAISetting> = {
  name: 'three chunks and no more',
  group: 'more',
  run: async ({ client }) => await readAll(await client.chat.completions.create(streamParams()), 3),
  expected: {},
}

function caseNamed(name: string): RunCase<OpenAISetting> {
  const found = [...chatCases, ...streamCases, threeChunks].find((item) => item.name === name)
  if (found === undefined || !('run' in found)) throw new Error(`there is no case ${name}`)
  return found
}
