import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import type { Simulator } from '../simulator/start-simulator.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { Ending, InstalledSdk } from '../support/sdk-package.ts'

// Whole programs, run without the SDK and with it: what they print and how they end must not differ.

let sdk: InstalledSdk
let simulator: Simulator

beforeAll(async () => {
  sdk = await installSdk()
  simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
})

afterAll(async () => {
  await simulator.close()
  await sdk[Symbol.asyncDispose]()
})

const BARE = `
  const init = () => undefined, flush = async () => true, wrap = (client) => client
  const observe = (_, fn) => fn
`
const FRAME = `
  import OpenAI from 'openai'
  import Anthropic from '@anthropic-ai/sdk'
  const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] }
  const say = (...words) => process.stdout.write(words.join(' ') + '\\n')
  const makeClient = (options) => new OpenAI({ apiKey: 'key', maxRetries: 0, ...options })
  process.on('unhandledRejection', (error) => say('unhandled:', error.message))
  init({ service: 'program' })
`

type Run = { readonly ending: Ending; readonly spans: readonly ReceivedSpan[] }

async function run(start: string, source: string): Promise<Run> {
  await using receiver = await startOtlpReceiver()
  const env = { SIGHTLINE_ENDPOINT: receiver.url, OPENAI_BASE_URL: `${simulator.url}/v1` }
  const ending = await sdk.start(`${start}\n${FRAME}\n${source}`, env).ended
  return { ending, spans: receiver.spans }
}

describe.each(['@sightline/sdk', '@sightline/sdk/core'])('with %s', (mode) => {
  /** The same to whoever looks at the program; answers what was recorded. */
  async function expectUntouched(source: string): Promise<readonly ReceivedSpan[]> {
    const bare = await run(BARE, source)
    const wrapped = await run(`import { flush, init, observe, wrap } from '${mode}'`, source)
    expect(bare.ending).toMatchObject({ code: 0, stderr: '' })
    expect(wrapped.ending).toEqual(bare.ending)
    return wrapped.spans
  }

  test.each([
    ['OpenAI’s shape', `{ chat: { completions: { create: failing } } }`, `chat.completions`],
    ['Anthropic’s shape', `{ messages: { create: failing, stream() {} } }`, `messages`],
  ])(
    'a failure that nobody handles, of a method that is an async function, reaches the process: %s',
    async (_, shape, path) => {
      const spans = await expectUntouched(`
        const failing = async () => { throw new RangeError('no answer') }
        const client = wrap(${shape})
        client.${path}.create(body)
        await new Promise(setImmediate)
        await client.${path}.create(body).catch((error) => say('handled:', error.message))`)

      expect(spans.map(({ statusCode }) => statusCode)).toEqual([2, 2])
    },
  )

  test('a subclass whose method is an async function keeps its answers and what is put on its promises', async () => {
    const spans = await expectUntouched(`
      const client = makeClient()
      const { completions } = client.chat
      const create = completions.create.bind(completions)
      completions.create = (asked) => Object.assign((async () => await create(asked))(), { cancel: () => 'cancelled' })
      const promise = wrap(client).chat.completions.create(body)
      say(promise.cancel(), promise instanceof Promise, Object.keys(promise), (await promise).object)`)

    expect(spans).toHaveLength(1)
  })

  test.each([
    ['a proxy of it', 'new Proxy(client, {})'],
    ['an object that inherits from it', 'Object.create(client)'],
    ['an object with its resources', '{ chat: client.chat }'],
  ])('a client that is wrapped itself and as %s records each call once', async (_, second) => {
    const spans = await expectUntouched(`
      const client = makeClient({ maxRetries: 1 })
      wrap(client)
      const other = wrap(${second})
      say((await other.chat.completions.create(body)).object)
      say((await client.chat.completions.create(body)).object)`)

    expect(spans).toHaveLength(2)
  })

  test('a proxy of a wrapped client counts each retry once', async () => {
    const spans = await expectUntouched(`
      let attempt = 0
      const flaky = (...request) => attempt++ === 0 ? new Response('{}', { status: 503, headers: { 'retry-after-ms': '1' } }) : fetch(...request)
      const client = wrap(makeClient({ maxRetries: 2, fetch: flaky }))
      say((await wrap(new Proxy(client, {})).chat.completions.create(body)).object)`)

    expect(spans.map(({ events }) => events)).toEqual([['retry']])
  })

  test.each(['openai', 'openai6', '@anthropic-ai/sdk', 'anthropic0'])(
    'the stack of a failed call leads to the application: %s',
    async (client) => {
      await expectUntouched(`
        import Client from '${client}'
        const failing = wrap(new Client({ apiKey: 'key', maxRetries: 0, fetch: () => { throw new RangeError('no') } }))
        async function ask() {
          return await ('messages' in failing ? failing.messages : failing.chat.completions).create(body)
        }
        async function answer() { return await ask() }
        await answer().catch((error) => say(error.constructor.name, /async ask .*async answer /s.test(error.stack)))`)
    },
  )

  test('a request that cannot be read but is sent has its span', async () => {
    const spans = await expectUntouched(`
      const client = wrap(makeClient())
      const message = { toJSON: () => body.messages[0], get content() { throw new RangeError('looked at') } }
      say((await client.chat.completions.create({ ...body, messages: [message] })).object)
      const { proxy, revoke } = Proxy.revocable([], {})
      revoke()
      await client.chat.completions.create({ ...body, messages: proxy }).catch((error) => say(error.message))`)

    expect(spans.map(({ name, statusCode }) => [name, statusCode])).toEqual([
      ['chat gpt-4o-mini', 0],
      ['chat gpt-4o-mini', 2],
    ])
  })

  test('what the last handlers of beforeExit record is delivered', async () => {
    const { ending, spans } = await run(
      `import { init, observe } from '${mode}'`,
      `process.once('beforeExit', observe({ name: 'clean up' }, () => undefined))`,
    )

    expect(ending).toMatchObject({ code: 0, stderr: '' })
    expect(spans.map(({ name }) => name)).toEqual(['clean up'])
  })

  test('a handler of beforeExit that is recorded whenever it runs does not keep the process alive', async () => {
    const { ending, spans } = await run(
      `import { init, observe } from '${mode}'`,
      `process.on('beforeExit', observe({ name: 'clean up' }, () => undefined))`,
    )

    expect(ending.code).toBe(0)
    expect(spans.length).toBeGreaterThan(0)
  })

  test('timers that a test has replaced are neither needed nor used', async () => {
    const spans = await expectUntouched(`
      import { mock } from 'node:test'
      const client = wrap(makeClient())
      mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate'] })
      say((await client.chat.completions.create(body)).object)
      say(await client.chat.completions.create(body).asResponse().then((response) => response.status))
      say(await flush())
      mock.timers.runAll()`)

    expect(spans).toHaveLength(2)
  })

  test('what a function’s promise carries beside its result is there, observed as well', async () => {
    const spans = await expectUntouched(`
      const start = () => Object.assign(Promise.resolve(3), { pid: 7, kill: () => 'killed' })
      const job = observe({ name: 'job', kind: 'tool' }, start)()
      say(job.pid, job.kill(), Object.keys(job), await job)`)

    expect(spans).toHaveLength(1)
  })

  test('an observed function has the properties of the function, and makes instances of it', async () => {
    const spans = await expectUntouched(`
      function Answer(text) { this.text = text }
      Answer.prototype.shout = function () { return this.text.toUpperCase() }
      Answer.schema = 'text'
      class Question { constructor(text) { this.text = text } }
      const Observed = observe({ name: 'answer' }, Answer)
      const ObservedQuestion = observe({ name: 'question' }, Question)
      class Longer extends ObservedQuestion {}
      const answer = new Observed('yes')
      say(answer.shout(), answer instanceof Answer, answer instanceof Observed, Observed.schema, Object.keys(Observed))
      say(new ObservedQuestion('why').text, new ObservedQuestion('why') instanceof Question, new Longer('x') instanceof Longer)`)

    expect(spans).toHaveLength(4)
  })
})
