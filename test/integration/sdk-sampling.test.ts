import { flush, init, llm, score, shutdown, span } from '@sightline/sdk'
import type { InitOptions } from '@sightline/sdk'
import { init as coreInit } from '@sightline/sdk/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { MetricResult } from '../../server/contract/index.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import type { SpanInput } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer } from '../support/test-server.ts'
import type { TestServer } from '../support/test-server.ts'

const stack = new AsyncDisposableStack()
let server: TestServer

beforeAll(async () => {
  server = stack.use(await startTestServer())
})
afterAll(() => stack.disposeAsync())

afterEach(async () => {
  await shutdown()
})

let spanCount = 0

/** Two services: one keeps half of its calls, the other all. */
async function sendCalls(): Promise<void> {
  const spans = [0.5, 1, undefined].map((probability): SpanInput => {
    spanCount += 1
    return {
      traceId: spanCount.toString(16).padStart(32, 'a'),
      spanId: spanCount.toString(16).padStart(16, 'b'),
      name: 'chat gpt-4o-mini',
      startMs: Date.now() - 900,
      endMs: Date.now(),
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': probability === 0.5 ? 'sampled' : 'whole',
        ...(probability === undefined ? {} : { 'sightline.sample.probability': probability }),
      },
    }
  })
  await postTraces(server.url, encodeTraces({ spans }))
}

async function ask(params: Record<string, string>): Promise<MetricResult> {
  const query = new URLSearchParams({ metric: 'requests', step: 'all', ...params })
  const answer = await fetch(`${server.url}/api/v1/metrics?${query}`)
  const body: unknown = await answer.json()
  expect(answer.status, JSON.stringify(body)).toBe(200)
  return MetricResult.parse(body)
}

describe('an answer of metrics', () => {
  beforeAll(sendCalls)

  test.each([
    ['rollups', {}],
    ['rollups, grouped', { groupBy: 'model' }],
    ['spans', { f: 'latency:gt:1' }],
    ['traces', { scope: 'trace' }],
    ['traces, grouped', { scope: 'trace', groupBy: 'service' }],
  ])('says that sampled calls are among those counted, from %s', async (_, params) => {
    expect(await ask(params)).toMatchObject({ sampled: true })
  })

  test.each([
    ['rollups', { f: 'model:eq:whole' }],
    ['traces', { scope: 'trace', f: 'model:eq:whole' }],
  ])('does not say so where all of what is counted was sent, from %s', async (_, params) => {
    const result = await ask(params)

    expect(result.series[0]?.points[0]?.value).toBe(2)
    expect(result).not.toHaveProperty('sampled')
  })
})

describe.each([
  ['the Node preset', init],
  ['the core', coreInit],
])('in %s', (_, start) => {
  async function record(act: () => unknown, options: InitOptions): Promise<ReceivedSpan[]> {
    await using receiver = await startOtlpReceiver()
    start({ endpoint: receiver.url, ...options })
    await act()
    expect(await flush()).toBe(true)
    return receiver.spans
  }

  test('a share of 0 sends failed calls and the spans around them, with their probability', async () => {
    const spans = await record(
      () => {
        llm({ model: 'fine' }, () => 'answer')
        using work = span('work')
        work.run(() => {
          expect(() =>
            llm({ model: 'broken' }, () => {
              throw new Error('no')
            }),
          ).toThrow('no')
        })
      },
      { sample: 0 },
    )

    expect(spans.map(({ name }) => name)).toEqual(['broken', 'work'])
    for (const { attributes } of spans) expect(attributes['sightline.sample.probability']).toBe(1)
  })

  test('whole traces are sent or left out, by their id', async () => {
    const spans = await record(
      () => {
        for (let index = 0; index < 200; index++) {
          using work = span('work')
          work.run(() => llm({ model: 'm' }, () => 'answer'))
        }
      },
      { sample: 0.5 },
    )

    const traces = Map.groupBy(spans, ({ traceId }) => traceId)
    // Fewer than 60 or more than 140 of 200 at one half: once in 10^8 runs.
    expect(traces.size).toBeGreaterThan(60)
    expect(traces.size).toBeLessThan(140)
    for (const [traceId, both] of traces) {
      expect(both).toHaveLength(2)
      expect(Number.parseInt(traceId.slice(16), 16) / 2 ** 64).toBeLessThan(0.5)
      expect(both[0]?.attributes['sightline.sample.probability']).toBe(0.5)
    }
  })

  test('a function decides by what the span says', async () => {
    const spans = await record(
      () => {
        for (const model of ['small', 'large']) llm({ model, input: 'x' }, () => 'answer')
      },
      { sample: (attributes) => (attributes['gen_ai.request.model'] === 'large' ? 1 : 0) },
    )

    expect(spans.map(({ name }) => name)).toEqual(['large'])
    expect(spans[0]?.attributes).not.toHaveProperty('sightline.sample.probability')
  })

  test('scores are sent whatever the share', async () => {
    await using receiver = await startOtlpReceiver()
    start({ endpoint: receiver.url, sample: 0 })

    score({ responseId: 'r', name: 'helpful', value: 1 })
    await flush()

    expect(receiver.requests.map(({ path }) => path)).toEqual(['/v1/logs'])
  })
})
