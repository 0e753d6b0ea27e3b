import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import type { Simulator } from '../simulator/start-simulator.ts'
import { eventually } from '../support/eventually.ts'
import { startHeldOpenAI } from '../sdk-matrix/held-openai.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'

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

/** The Node preset, and the core alone. */
const MODES = ['@sightline/sdk', '@sightline/sdk/core'] as const

/** A program's beginning: the SDK, a client and a way to call it. */
function callBy(mode: string): string {
  return `
    import OpenAI from 'openai'
    import { flush, init, observe, wrap } from '${mode}'
    init({ service: 'program' })
    const client = wrap(new OpenAI({ apiKey: 'key', maxRetries: 0 }))
    const ask = (content) => client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] })
  `
}
const STAY = `
  console.log('called')
  setInterval(() => undefined, 1_000)
`

/** Versions 3 and 4 do not know each other, and a program often holds both. */
const SIGNAL_EXIT = {
  'signal-exit 3': `
    import onExit3 from 'signal-exit3'
    onExit3((_, signal) => process.stdout.write('3 saw ' + signal + '\\n'))`,
  'signal-exit 4': `
    import { onExit as onExit4 } from 'signal-exit'
    onExit4((_, signal) => { process.stdout.write('4 saw ' + signal + '\\n') })`,
}
const BOTH_SIGNAL_EXITS = Object.values(SIGNAL_EXIT).join('\n')
/** Both modes stand on the same exit hooks, so one of them alone meets every combination. */
function hooksFor(mode: string): (readonly [string, string])[] {
  const both = ['signal-exit 3 and 4', BOTH_SIGNAL_EXITS] as const
  return mode === '@sightline/sdk' ? [both] : [...Object.entries(SIGNAL_EXIT), both]
}

/** A call through another copy of the SDK, which knows nothing of the first. */
function callOfCopy(mode: string): string {
  return `
  import * as copy from '${mode.replace('/sdk', '/sdk-copy')}'
  copy.init({ service: 'copy' })
  const copied = copy.wrap(new OpenAI({ apiKey: 'key', maxRetries: 0 }))
  await copied.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'two' }] })
`
}

function envFor(endpoint: string, provider: string = simulator.url): Record<string, string> {
  return { SIGHTLINE_ENDPOINT: endpoint, OPENAI_BASE_URL: `${provider}/v1` }
}

/** Where nobody listens. */
async function closedUrl(): Promise<string> {
  await using closed = await startOtlpReceiver()
  return closed.url
}

describe('the package', () => {
  test('holds the built files, their types, a readme, a changelog and a licence, and no tests', () => {
    expect(sdk.files).toEqual(
      expect.arrayContaining([
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'dist/core.js',
        'dist/index.d.ts',
        'dist/index.js',
        'dist/providers/openai.js',
        'package.json',
      ]),
    )
    expect(sdk.files.filter((name) => /\.test\.|^src|\.map$/.test(name))).toEqual([])
  })

  test('has a core and an OpenAI tap that load nothing but the OpenTelemetry API', async () => {
    const { ended } = sdk.start(`
      import { registerHooks } from 'node:module'
      const asked = new Set()
      registerHooks({ resolve(name, context, next) {
        if (!name.startsWith('.') && !name.startsWith('file:')) asked.add(name)
        return next(name, context)
      } })
      const core = await import('@sightline/sdk/core')
      const openai = await import('@sightline/sdk/openai')
      console.log(JSON.stringify([[...asked].sort(), typeof core.init, typeof openai.wrapOpenAI]))
    `)

    const { stdout, stderr } = await ended

    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([
      ['@opentelemetry/api', '@sightline/sdk/core', '@sightline/sdk/openai'],
      'function',
      'function',
    ])
  })
})

test('the program in the readme runs and is one trace', async () => {
  await using receiver = await startOtlpReceiver()
  const readme = await readFile(new URL('../../sdk/README.md', import.meta.url), 'utf8')
  const program = /```js\n(?<source>[^]*?)```/.exec(readme)?.groups?.['source'] ?? ''

  const { ended } = sdk.start(program, { ...envFor(receiver.url), OPENAI_API_KEY: 'key' })

  const { code, stdout, stderr } = await ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.trim()).not.toBe('')
  expect(receiver.spans.map((span) => span.name).toSorted()).toEqual([
    'chat gpt-4o-mini',
    'invoke_agent answer',
    'retrieval search',
  ])
  expect(new Set(receiver.spans.map((span) => span.traceId)).size).toBe(1)
})

describe.each(MODES)('at the end of a program with %s', (mode) => {
  const CALL = callBy(mode)

  test('that runs out of work, everything has been delivered', async () => {
    await using receiver = await startOtlpReceiver()

    const { ended } = sdk.start(
      `${CALL} for (let n = 0; n < 20; n++) await ask('question ' + n)`,
      envFor(receiver.url),
    )

    expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(receiver.spans).toHaveLength(20)
    expect(receiver.spans[0]?.resource['service.name']).toBe('program')
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s, everything has been delivered',
    async (signal) => {
      await using receiver = await startOtlpReceiver()
      const program = sdk.start(
        `${CALL} await ask('one'); await ask('two'); ${STAY}`,
        envFor(receiver.url),
      )

      await program.sees('called')
      program.kill(signal)

      expect(await program.ended).toMatchObject({ code: null, signal, stderr: '' })
      expect(receiver.spans).toHaveLength(2)
    },
  )

  test.each(
    (['SIGTERM', 'SIGINT'] as const).flatMap((signal) =>
      hooksFor(mode).flatMap(([name, hooks]) => [
        [signal, `${name} before us`, `${hooks} ${CALL}`] as const,
        [signal, `${name} after us`, `${CALL} ${hooks}`] as const,
      ]),
    ),
  )('by %s with %s, everything has been delivered', async (signal, _, start) => {
    await using receiver = await startOtlpReceiver()
    const program = sdk.start(`${start}\n await ask('one'); ${STAY}`, envFor(receiver.url))

    await program.sees('called')
    program.kill(signal)

    const ending = await program.ended
    expect(ending).toMatchObject({ code: null, signal, stderr: '' })
    expect(ending.stdout).toContain(`saw ${signal}`)
    expect(receiver.spans).toHaveLength(1)
  })

  test.each([
    ['two copies of the SDK', ''],
    ['two copies of the SDK and signal-exit', BOTH_SIGNAL_EXITS],
  ])('by a signal with %s, both have delivered', async (_, hooks) => {
    await using receiver = await startOtlpReceiver()
    const program = sdk.start(
      `${hooks} ${CALL} await ask('one') ${callOfCopy(mode)} ${STAY}`,
      envFor(receiver.url),
    )

    await program.sees('called')
    program.kill('SIGTERM')

    expect(await program.ended).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' })
    expect(receiver.spans).toHaveLength(2)
    expect(new Set(receiver.spans.map((span) => span.resource['service.name']))).toEqual(
      new Set(['copy', 'program']),
    )
  })

  test.each(['on', 'once'])(
    'that handles a signal by %s, its own handler decides, also beside signal-exit and a copy of the SDK',
    async (method) => {
      await using receiver = await startOtlpReceiver()
      const program = sdk.start(
        `${BOTH_SIGNAL_EXITS} ${CALL} await ask('one') ${callOfCopy(mode)}
        process.${method}('SIGINT', async () => {
          await Promise.all([flush(), copy.flush()])
          // Longer than anything of ours that could end the process.
          for (let n = 0; n < 50; n++) await ask('more')
          clearInterval(timer)
          process.exitCode = 7
        })
        console.log('called')
        const timer = setInterval(() => undefined, 1_000)`,
        envFor(receiver.url),
      )

      await program.sees('called')
      program.kill('SIGINT')

      expect(await program.ended).toMatchObject({ code: 7, signal: null, stderr: '' })
      expect(receiver.spans).toHaveLength(52)
    },
  )

  test('that handles SIGTERM itself, its own handler decides', async () => {
    await using receiver = await startOtlpReceiver()
    const program = sdk.start(
      `${CALL}
      process.once('SIGTERM', async () => { await ask('last'); clearInterval(timer); process.exitCode = 7 })
      await ask('first')
      console.log('called')
      const timer = setInterval(() => undefined, 1_000)`,
      envFor(receiver.url),
    )

    await program.sees('called')
    program.kill('SIGTERM')

    expect(await program.ended).toMatchObject({ code: 7, signal: null, stderr: '' })
    expect(receiver.spans).toHaveLength(2)
  })

  test('open spans are ended: an unread stream, and the function around it', async () => {
    await using receiver = await startOtlpReceiver()
    await using held = await startHeldOpenAI()
    const program = sdk.start(
      `${CALL}
      const work = observe({ name: 'work' }, async () => {
        await client.chat.completions.create({ model: 'm', stream: true, messages: [] })
        console.log('called')
        await new Promise(() => setInterval(() => undefined, 1_000))
      })
      await work()`,
      envFor(receiver.url, held.url),
    )

    await program.sees('called')
    program.kill('SIGTERM')

    expect(await program.ended).toMatchObject({ signal: 'SIGTERM' })
    expect(
      Object.fromEntries(
        receiver.spans.map(({ name, attributes }) => [name, attributes['sightline.stream.state']]),
      ),
    ).toEqual({ 'chat m': 'unread', work: 'aborted' })
  })

  test('whose collector is away, it ends all the same and says what was lost', async () => {
    const { ended } = sdk.start(`${CALL} await ask('one')`, envFor(await closedUrl()))

    const { code, stderr } = await ended

    expect(code).toBe(0)
    expect(stderr).toMatch(/^sightline: 1 spans not delivered to http:\/\/127\.0\.0\.1:\d+\n$/)
  })

  test('by process.exit, it says what was lost', async () => {
    await using receiver = await startOtlpReceiver()
    const { ended } = sdk.start(`${CALL} await ask('one'); process.exit(3)`, envFor(receiver.url))

    const { code, stderr } = await ended

    expect(code).toBe(3)
    expect(stderr).toContain('1 spans not delivered')
  })

  test('by a failure that nobody handles, it says what was lost', async () => {
    await using receiver = await startOtlpReceiver()
    const { ended } = sdk.start(
      `${CALL} await ask('one'); setImmediate(() => { throw new RangeError('unforeseen') }); ${STAY}`,
      envFor(receiver.url),
    )

    const { code, stderr } = await ended

    expect(code).toBe(1)
    expect(stderr).toContain('RangeError: unforeseen')
    expect(stderr).toContain('1 spans not delivered')
  })
})

test.each(MODES)(
  'a stream that is dropped unread ends its span once it is collected (%s)',
  async (mode) => {
    await using receiver = await startOtlpReceiver()
    await using held = await startHeldOpenAI()
    const program = sdk.start(
      `import { setTimeout } from 'node:timers/promises'
    import { setFlagsFromString } from 'node:v8'
    import { runInNewContext } from 'node:vm'
    ${callBy(mode)}
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    async function drop() { await client.chat.completions.create({ model: 'm', stream: true, messages: [] }) }
    await drop()
    for (;;) { collect(); await setTimeout(10) }`,
      envFor(receiver.url, held.url),
    )

    await eventually(() => expect(receiver.spans).toHaveLength(1))
    program.kill('SIGKILL')

    await program.ended
    expect(receiver.spans[0]?.attributes['sightline.stream.state']).toBe('unread')
  },
)

describe('a failure that nobody handles', () => {
  test.each([
    ['openai', 'a call', `client.chat.completions.create(body)`],
    ['openai6', 'a call', `client.chat.completions.create(body)`],
    ['openai', 'a helper', `client.chat.completions.parse(body)`],
    ['openai6', 'a helper', `client.chat.completions.parse(body)`],
  ])('ends the program as it does without us (%s, %s)', async (name, _, call) => {
    await using receiver = await startOtlpReceiver()
    const program = (wrapping: string) => `
      import OpenAI from '${name}'
      import { init, wrap } from '@sightline/sdk'
      ${wrapping}
      const body = { model: '429', messages: [{ role: 'user', content: 'hello' }] }
      ${call}
      setInterval(() => undefined, 1_000)`
    const bareClient = `const client = new OpenAI({ apiKey: 'key', maxRetries: 0 })`

    const bare = await sdk.start(program(bareClient), envFor(receiver.url)).ended
    const wrapped = await sdk.start(
      program(`init(); ${bareClient}; wrap(client)`),
      envFor(receiver.url),
    ).ended

    expect(bare.code).toBe(1)
    expect(wrapped.code).toBe(1)
    expect(bare.stderr).toContain('RateLimitError')
    expect(wrapped.stderr).toContain('RateLimitError')
  })
})
