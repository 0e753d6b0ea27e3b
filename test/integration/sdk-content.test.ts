import { createHash, randomBytes } from 'node:crypto'
import { flush, init, llm, observe, shutdown } from '@sightline/sdk'
import type { InitOptions } from '@sightline/sdk'
import { init as coreInit } from '@sightline/sdk/core'
import { afterEach, describe, expect, test } from 'vitest'
import { Span, SpanList } from '../../server/contract/index.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { startTestServer } from '../support/test-server.ts'

afterEach(async () => {
  await shutdown()
})

const bytes = randomBytes(20_000)
const sha256 = createHash('sha256').update(bytes).digest('hex')
const image = {
  type: 'blob',
  modality: 'image',
  mime_type: 'image/png',
  content: bytes.toString('base64'),
}
const imageHash = {
  type: 'blob',
  modality: 'image',
  mime_type: 'image/png',
  bytes: 20_000,
  sha256,
}

const see = () =>
  llm({ model: 'm', input: [{ role: 'user', parts: [image] }], task: 'chat' }, () => 'a lamp')

describe.each([
  ['the Node preset', init],
  ['the core', coreInit],
])('in %s', (_, start) => {
  async function record(act: () => unknown, options: InitOptions = {}): Promise<ReceivedSpan[]> {
    await using receiver = await startOtlpReceiver()
    start({ endpoint: receiver.url, ...options })
    await act()
    expect(await flush()).toBe(true)
    return receiver.spans
  }

  test('a hook that answers later is waited for, and one that fails drops its field alone', async () => {
    const work = observe({ name: 'work' }, (question: string) => `answer to ${question.length}`)

    const [span] = await record(() => work('card 4111'), {
      redact: async (value, { field }) => {
        await Promise.resolve()
        if (field === 'output') throw new Error('no')
        return String(value).replace(/\d+/, '#')
      },
    })

    expect(span?.attributes['sightline.input']).toBe('"card #"')
    expect(span?.attributes).not.toHaveProperty('sightline.output')
    expect(span?.attributes['sightline.content.dropped']).toEqual(['output'])
  })

  test('the hook runs when the span is encoded, not in the call', async () => {
    const order: string[] = []
    const work = observe({ name: 'work' }, () => 'answer')

    await record(
      () => {
        work()
        order.push('called')
      },
      {
        redact: (value) => {
          order.push('redacted')
          return value
        },
      },
    )

    expect(order).toEqual(['called', 'redacted'])
  })

  test('images are hashed, dropped or sent, as asked', async () => {
    const shown: unknown[] = []
    for (const media of ['hash', 'drop', 'inline'] as const) {
      const [span] = await record(see, { media })
      shown.push(JSON.parse(String(span?.attributes['gen_ai.input.messages'])))
      await shutdown()
    }

    const { sha256: _hash, ...size } = imageHash
    expect(shown).toEqual([imageHash, size, image].map((part) => [{ role: 'user', parts: [part] }]))
  })

  test('vectors and bytes that go through a function are told by their size', async () => {
    const work = observe({ name: 'work' }, (given: object) =>
      Array<number>(1_536).fill(Object.keys(given).length),
    )

    const [span] = await record(() => work({ file: bytes, vector: Array<number>(65).fill(1) }))

    expect(span?.attributes['sightline.input']).toBe(
      '{"file":"[20000 bytes]","vector":"[65 numbers]"}',
    )
    expect(span?.attributes['sightline.output']).toBe('"[1536 numbers]"')
  })

  test('a field is cut at its limit between characters, and says so', async () => {
    const work = observe({ name: 'work' }, (text: string) => text.length)

    const [span] = await record(() => work('🚚'.repeat(1_000)), { maxContentBytes: 300 })

    const input = String(span?.attributes['sightline.input'])
    expect(Buffer.byteLength(input)).toBeLessThanOrEqual(300)
    expect(input.isWellFormed()).toBe(true)
    expect(JSON.parse(input)).toMatch(/^(?:🚚)+…$/u)
    expect(span?.attributes['sightline.content.truncated']).toBe(true)
  })

  test('what the application changes after the call is not in the span', async () => {
    const order = { items: ['lamp'] }
    const work = observe({ name: 'work' }, (given: typeof order) => {
      given.items.push('during')
      return given
    })

    const [span] = await record(() => {
      work(order)
      order.items.push('after')
    })

    expect(span?.attributes['sightline.input']).toBe('{"items":["lamp"]}')
    expect(span?.attributes['sightline.output']).toBe('{"items":["lamp","during"]}')
  })
})

test('Sightline tells of an image by its hash', async () => {
  await using server = await startTestServer()
  init({ endpoint: server.url })
  see()
  await flush()

  const list = await fetch(`${server.url}/api/v1/spans`)
  const [found] = SpanList.parse(await list.json()).items
  const answer = await fetch(`${server.url}/api/v1/traces/${found?.traceId}/spans/${found?.spanId}`)
  const { inputMessages } = Span.parse(await answer.json())
  expect(inputMessages?.[0]?.parts).toEqual([
    { type: 'blob', modality: 'image', mimeType: 'image/png', bytes: 20_000, sha256 },
  ])
})
