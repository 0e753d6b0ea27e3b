import { propagation } from '@opentelemetry/api'
import { flush, init, llm, observe, prompt, shutdown, span, withContext } from '@sightline/sdk'
import type { InitOptions } from '@sightline/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'

afterEach(async () => {
  await shutdown()
})

async function record(act: () => unknown, options: InitOptions = {}): Promise<ReceivedSpan[]> {
  await using receiver = await startOtlpReceiver()
  init({ endpoint: receiver.url, ...options })
  await act()
  await flush()
  return receiver.spans
}

const ask = () => llm({ model: 'm' }, () => 'answer')

describe('a prompt', () => {
  test('names itself, its version and its variables on the calls inside', async () => {
    const variables = { country: 'Peru', limit: 3 }

    const [call, work] = await record(() =>
      prompt('capital', { version: 3, label: 'canary', variables }, () =>
        observe({ name: 'work' }, () => {
          variables.country = 'changed'
          return ask()
        })(),
      ),
    )

    const named = {
      'gen_ai.prompt.name': 'capital',
      'gen_ai.prompt.version': '3',
      'sightline.prompt.label': 'canary',
    }
    expect(call?.attributes).toMatchObject({
      ...named,
      'gen_ai.prompt.variable.country': 'Peru',
      'gen_ai.prompt.variable.limit': '3',
    })
    expect(work?.attributes).toMatchObject(named)
    expect(work?.attributes).not.toHaveProperty('gen_ai.prompt.variable.country')
  })

  test('without a function is a value for withContext', async () => {
    const [call] = await record(() =>
      withContext(
        { user: 'u', prompt: prompt('capital', { variables: { country: 'Peru' } }) },
        ask,
      ),
    )

    expect(call?.attributes).toMatchObject({
      'user.id': 'u',
      'gen_ai.prompt.name': 'capital',
      'gen_ai.prompt.variable.country': 'Peru',
    })
  })

  test('has variables that are content', async () => {
    const act = () => prompt('capital', { variables: { country: 'Peru' } }, ask)

    const [none] = await record(act, { content: 'none' })
    await shutdown()
    const [redacted] = await record(act, {
      redact: (value, { field }) => (field === 'prompt.variable' ? '#' : value),
    })

    expect(JSON.stringify(none)).not.toContain('Peru')
    expect(none?.attributes['gen_ai.prompt.name']).toBe('capital')
    expect(redacted?.attributes['gen_ai.prompt.variable.country']).toBe('#')
  })
})

describe('baggage', () => {
  test('carries session and user to other services when asked, and only then', async () => {
    const seen: unknown[] = []
    const look = () => {
      seen.push(Object.fromEntries(propagation.getActiveBaggage()?.getAllEntries() ?? []))
    }

    await record(() => {
      withContext({ session: 's', user: 'u' }, look)
      withContext({ session: 's', user: 'u' }, () => withContext({ baggage: true }, look))
    })

    expect(seen).toEqual([{}, { 'session.id': { value: 's' }, 'user.id': { value: 'u' } }])
  })

  test('of a caller is taken over when asked, and what is said here wins', async () => {
    const carrier = { baggage: 'session.id=s-9,user.id=u-9' }

    const spans = await record(async () => {
      const { context } = await import('@opentelemetry/api')
      const remote = propagation.extract(context.active(), carrier)
      context.with(remote, () => {
        ask()
        withContext({ baggage: true, user: 'mine' }, ask)
      })
    })

    expect(spans[0]?.attributes).not.toHaveProperty('session.id')
    expect(spans[1]?.attributes).toMatchObject({ 'session.id': 's-9', 'user.id': 'mine' })
  })
})

test('contexts of calls that run at the same time do not mix', async () => {
  const users = Array.from({ length: 20 }, (_, index) => `u-${index}`)
  const work = observe({ name: 'work' }, async (user: string) => {
    await Promise.resolve()
    return llm({ model: user }, async () => user)
  })

  const spans = await record(() =>
    Promise.all(users.map((user) => withContext({ user }, () => work(user)))),
  )

  const calls = spans.filter(({ name }) => name !== 'work')
  expect(calls).toHaveLength(20)
  for (const call of calls) {
    expect(call.attributes['user.id']).toBe(call.attributes['gen_ai.request.model'])
    const parent = spans.find(({ spanId }) => spanId === call.parentSpanId)
    expect(parent?.attributes['user.id']).toBe(call.attributes['user.id'])
  }
})

describe('a span by hand', () => {
  test('ends with its block, and is the parent of what it runs', async () => {
    const [call, work] = await record(() => {
      using reranking = span('rerank', {
        kind: 'reranker',
        attributes: { depth: 2 },
        input: ['a', 'b'],
      })
      reranking.set('candidates', 20)
      reranking.event('chosen', { id: 'a' })
      reranking.run(ask)
      reranking.output(['b', 'a'])
    })

    expect(work).toMatchObject({ name: 'rerank', kind: 1, statusCode: 0, events: ['chosen'] })
    expect(work?.attributes).toMatchObject({
      'sightline.kind': 'reranker',
      'sightline.input': '["a","b"]',
      'sightline.output': '["b","a"]',
      depth: 2,
      candidates: 20,
    })
    expect(call?.parentSpanId).toBe(work?.spanId)
  })

  test('that failed says so, and ends once', async () => {
    const spans = await record(() => {
      const work = span('work')
      work.fail(new RangeError('no'))
      work.end()
      work.end()
    })

    expect(spans).toHaveLength(1)
    expect(spans[0]).toMatchObject({ statusCode: 2, statusMessage: 'no', events: ['exception'] })
  })

  test('that nobody ended ends with the SDK', async () => {
    await using receiver = await startOtlpReceiver()
    init({ endpoint: receiver.url })

    span('forgotten')
    await shutdown()

    expect(receiver.spans).toMatchObject([{ name: 'forgotten' }])
  })

  test('belongs to what init answers as well, and does nothing while the SDK is off', () => {
    const sightline = init({ disabled: true })
    using work = sightline.span('work')

    work.set('a', 1)
    expect(work.run(() => sightline.llm({ model: 'm' }, () => 7))).toBe(7)
    expect(work.traceId).toBe('0'.repeat(32))
  })
})
