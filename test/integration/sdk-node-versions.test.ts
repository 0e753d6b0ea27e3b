import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import type { Simulator } from '../simulator/start-simulator.ts'
import { findNode22 } from '../support/node-22.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'

let sdk: InstalledSdk
let simulator: Simulator
let node22: string

beforeAll(async () => {
  sdk = await installSdk()
  node22 = await findNode22()
  simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
})

afterAll(async () => {
  await simulator.close()
  await sdk[Symbol.asyncDispose]()
})

const PRESET = '@sightline/sdk'
const CORE = '@sightline/sdk/core'

function begin(from: string): string {
  return `
    import OpenAI from 'openai'
    import { flush, init, llm, observe, shutdown, withContext, wrap } from '${from}'
    init({ service: 'program' })
    const client = wrap(new OpenAI({ apiKey: 'key', maxRetries: 0 }))
    const ask = (more) => client.chat.completions.create({
      model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }], ...more,
    })
  `
}

test('the oldest Node is one of the line that the package names, and not the one that runs the tests', async () => {
  const { stdout } = await promisify(execFile)(node22, ['--version'])

  expect(stdout).toMatch(/^v22\.(?:1[5-9]|2\d)\./)
  expect(stdout.trim()).not.toBe(process.version)
})

// The other tests of the packed tarball run under the newest one.
describe.each([PRESET, CORE])('under the oldest Node, %s', (from) => {
  async function run(program: string) {
    await using receiver = await startOtlpReceiver()
    const env = { SIGHTLINE_ENDPOINT: receiver.url, OPENAI_BASE_URL: `${simulator.url}/v1` }
    const started = sdk.start(`${begin(from)} ${program}`, env, node22)
    return { ...(await started.ended), spans: receiver.spans }
  }

  test('records a plain call and a streamed one in the trace of the function around them', async () => {
    const { code, stderr, spans } = await run(`
      const answer = observe({ name: 'answer', kind: 'agent' }, async () => {
        await ask({})
        for await (const chunk of await ask({ stream: true, stream_options: { include_usage: true } }));
      })
      await withContext({ session: 's-1' }, answer)
      await shutdown()`)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(spans.map((span) => span.name).toSorted()).toEqual([
      'chat gpt-4o-mini',
      'chat gpt-4o-mini',
      'invoke_agent answer',
    ])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    for (const { attributes } of spans) expect(attributes['session.id']).toBe('s-1')
    const calls = spans.filter(({ name: title }) => title.startsWith('chat'))
    for (const { attributes } of calls) {
      expect(attributes['gen_ai.usage.output_tokens']).toEqual(expect.any(Number))
      expect(attributes['gen_ai.input.messages']).toContain('hello')
    }
  })

  test('records a stream that is broken off, and an error, once each', async () => {
    const { code, stderr, spans } = await run(`
      for await (const chunk of await ask({ stream: true })) break
      await ask({ model: '429' }).catch(() => undefined)
      await flush()`)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [broken, failed] = spans
    expect(spans).toHaveLength(2)
    expect(broken?.attributes['sightline.stream.state']).toBe('abandoned')
    expect(failed?.attributes['error.type']).toBe('429')
    expect(failed?.statusCode).toBe(2)
  })

  test('delivers at the natural end, and by a signal, which is raised again', async () => {
    const natural = await run(`await ask({}); await ask({})`)
    expect(natural).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(natural.spans).toHaveLength(2)

    const killed = await run(`
      await ask({})
      setInterval(() => undefined, 1_000)
      process.kill(process.pid, 'SIGTERM')`)
    expect(killed).toMatchObject({ signal: 'SIGTERM', stderr: '' })
    expect(killed.spans).toHaveLength(1)
  })

  test('says what process.exit has lost', async () => {
    const { code, stderr } = await run(`await ask({}); process.exit(3)`)

    expect(code).toBe(3)
    expect(stderr).toContain('1 spans not delivered')
  })

  test('records a model in the process', async () => {
    const { stderr, spans } = await run(`
      const mood = await llm({ model: 'distilbert-sst2', provider: 'onnx', task: 'classification', input: 'fine' },
        async (call) => { call.done({ labels: [{ label: 'positive', score: 0.98 }] }); return 'positive' })
      if (mood !== 'positive') throw new Error(mood)`)

    expect(stderr).toBe('')
    expect(spans).toHaveLength(1)
    expect(spans[0]?.attributes).toMatchObject({
      'gen_ai.request.model': 'distilbert-sst2',
      'sightline.task': 'classification',
    })
  })
})
