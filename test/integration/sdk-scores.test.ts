import { diag, DiagLogLevel } from '@opentelemetry/api'
import { feedback, flush, init, observe, score, shutdown, span } from '@sightline/sdk'
import { feedback as coreFeedback, flush as coreFlush, init as coreInit } from '@sightline/sdk/core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ScoreList } from '../../server/contract/index.ts'
import { startTestServer } from '../support/test-server.ts'
import type { TestServer } from '../support/test-server.ts'

const stack = new AsyncDisposableStack()
let server: TestServer

beforeAll(async () => {
  server = stack.use(await startTestServer())
})
afterEach(async () => {
  await shutdown()
  await server.sql`truncate scores`
})
afterAll(() => stack.disposeAsync())

async function scores(params: Record<string, string> = {}): Promise<ScoreList['items']> {
  const answer = await fetch(`${server.url}/api/v1/scores?${new URLSearchParams(params)}`)
  return ScoreList.parse(await answer.json()).items
}

/** What is told to OpenTelemetry's diagnostics meanwhile. */
async function warningsOf(act: () => unknown): Promise<string[]> {
  const warn = vi.fn()
  const other = () => undefined
  diag.setLogger(
    { warn, error: warn, info: other, debug: other, verbose: other },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  try {
    await act()
  } finally {
    diag.disable()
  }
  return warn.mock.calls.map((call) => call.map(String).join(' '))
}

describe('a score', () => {
  test('without an id judges the span that is active, and comes before it', async () => {
    init({ endpoint: server.url, service: 'judged' })
    const answer = observe({ name: 'answer', kind: 'agent' }, async () => {
      score({
        name: 'helpful',
        value: 0.75,
        label: 'good',
        comment: 'to the point',
        source: 'judge',
      })
      await flush()
      const before = await scores({ name: 'helpful' })
      expect(before).toMatchObject([{ value: 0.75, label: 'good' }])
    })

    await answer()
    await flush()

    const [stored, ...others] = await scores({ f: 'service:eq:judged' })
    expect(others).toEqual([])
    expect(stored).toMatchObject({
      name: 'helpful',
      value: 0.75,
      label: 'good',
      comment: 'to the point',
      source: 'judge',
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  test('is one however often its id is sent, and the last one counts', async () => {
    init({ endpoint: server.url })

    score({ id: 'run-7', responseId: 'chatcmpl-7', name: 'correct', label: 'pass' })
    await flush()
    score({ id: 'run-7', responseId: 'chatcmpl-7', name: 'correct', label: 'fail' })
    score({ responseId: 'chatcmpl-7', name: 'correct', label: 'pass' })
    await flush()

    const stored = await scores({ name: 'correct' })
    expect(stored).toHaveLength(2)
    expect(stored.find(({ id }) => id === 'run-7')).toMatchObject({
      label: 'fail',
      source: 'code',
      responseId: 'chatcmpl-7',
    })
  })

  test('comments are content: redacted by the hook, and off in mode none', async () => {
    init({
      endpoint: server.url,
      redact: (value, { field }) => `${field}: ${String(value).length}`,
    })
    score({ responseId: 'a', name: 'redacted', value: 1, comment: 'call me' })
    await shutdown()
    init({ endpoint: server.url, content: 'none' })
    score({ responseId: 'a', name: 'none', value: 1, comment: 'call me' })
    await flush()

    expect(await scores({ name: 'redacted' })).toMatchObject([{ comment: 'score.comment: 7' }])
    expect(await scores({ name: 'none' })).toMatchObject([{ comment: null }])
  })

  test.each([
    ['without a target', { name: 'x', value: 1 }, 'an active span'],
    ['without value and label', { name: 'x', responseId: 'r' }, 'a value or a label'],
    ['of no number', { name: 'x', responseId: 'r', value: Number.NaN }, 'value NaN'],
    ['without a name', { name: '', responseId: 'r', value: 1 }, 'name'],
    ['with a long label', { name: 'x', responseId: 'r', label: 'l'.repeat(201) }, 'label'],
    ['of a span that was not recorded', { name: 'x', spanId: '0'.repeat(16), value: 1 }, 'spanId'],
    ['of a trace that is none', { name: 'x', traceId: 'ABC', value: 1 }, 'traceId "ABC"'],
  ])('%s is left out with a line that says why', async (_, given, reason) => {
    init({ endpoint: server.url })

    const warnings = await warningsOf(() => score(given))
    await flush()

    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(reason)
    expect(await scores()).toEqual([])
  })

  test('changes nothing while the SDK is off', async () => {
    expect(await warningsOf(() => score({ name: 'x', value: 1 }))).toEqual([])
  })
})

describe('feedback', () => {
  test('is the score of that name, from a user, of a span by its id alone', async () => {
    init({ endpoint: server.url, service: 'voted' })
    const work = span('work')
    work.end()
    await flush()

    feedback(work.spanId, 'down', { comment: 'the address is wrong' })
    await flush()

    expect(await scores({ f: 'service:eq:voted' })).toMatchObject([
      {
        name: 'feedback',
        label: 'down',
        source: 'user',
        comment: 'the address is wrong',
        spanId: work.spanId,
      },
    ])
  })

  test('works alike in the core mode', async () => {
    coreInit({ endpoint: server.url })

    coreFeedback({ responseId: 'chatcmpl-9' }, 'up')
    await coreFlush()

    expect(await scores({ name: 'feedback' })).toMatchObject([
      { responseId: 'chatcmpl-9', label: 'up', source: 'user' },
    ])
  })
})
