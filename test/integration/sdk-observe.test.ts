import { flush, init, observe, shutdown, withContext } from '@sightline/sdk'
import type { InitOptions, ObservedSpan } from '@sightline/sdk'
import { afterEach, expect, expectTypeOf, test, vi } from 'vitest'
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

test('an agent, a tool and a retriever carry the names that OpenTelemetry gives them', async () => {
  const search = observe({ name: 'search', kind: 'retriever' }, async (_query: string) => [
    { id: 'a', score: 0.5, text: 'A' },
    { id: 'b', score: 0.25, text: 'B' },
  ])
  const look = observe({ name: 'look_up', kind: 'tool' }, (args: { id: string }) => ({
    found: args.id,
  }))
  const answer = observe({ name: 'answer', kind: 'agent' }, async (question: string) => {
    await search(question)
    return look({ id: '7' }).found
  })

  const spans = await record(() => answer('where?'))

  const [retrieval, tool, agent] = spans
  expect(retrieval).toMatchObject({
    name: 'retrieval search',
    parentSpanId: agent?.spanId,
    kind: 1,
  })
  expect(retrieval?.attributes).toMatchObject({
    'sightline.kind': 'retriever',
    'gen_ai.operation.name': 'retrieval',
    'gen_ai.retrieval.query.text': 'where?',
    'gen_ai.retrieval.documents': '[{"id":"a","score":0.5},{"id":"b","score":0.25}]',
  })
  expect(tool?.name).toBe('execute_tool look_up')
  expect(tool?.attributes).toMatchObject({
    'sightline.kind': 'tool',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'look_up',
    'gen_ai.tool.call.arguments': '{"id":"7"}',
    'gen_ai.tool.call.result': '{"found":"7"}',
  })
  expect(agent?.attributes).toMatchObject({
    'sightline.kind': 'agent',
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'answer',
    'sightline.input': '"where?"',
    'sightline.output': '"7"',
  })
})

test('a function keeps its this, its arguments, its result and its name', async () => {
  const order = {
    total: 5,
    add: observe({ name: 'add' }, function add(this: { total: number }, a: number, b: number) {
      return this.total + a + b
    }),
  }

  const spans = await record(() => {
    expect(order.add(1, 2)).toBe(8)
    expect(order.add.name).toBe('add')
    expect(order.add).toHaveLength(2)
  })

  expect(spans[0]?.attributes).toMatchObject({
    'sightline.kind': 'chain',
    'sightline.input': '[1,2]',
    'sightline.output': '8',
  })
})

test('a failure reaches the caller as the same object and marks the span', async () => {
  const failure = new RangeError('too much')
  const late = observe({ name: 'late' }, async () => Promise.reject(failure))
  const early = observe({ name: 'early' }, () => {
    throw failure
  })

  const spans = await record(async () => {
    await expect(late()).rejects.toBe(failure)
    expect(early).toThrow(failure)
  })

  for (const span of spans) {
    expect(span).toMatchObject({ statusCode: 2, statusMessage: 'too much', events: ['exception'] })
    expect(span.attributes['error.type']).toBe('RangeError')
  }
})

test('a function that asks for it gets its span', async () => {
  const work = observe({ name: 'work' }, (question: string, span: ObservedSpan) => {
    span.set('articles', 3)
    span.event('chosen', { id: 'a' })
    return `${question} ${span.traceId.length}`
  })
  expectTypeOf(work).toEqualTypeOf<(question: string) => string>()

  const spans = await record(() => expect(work('q')).toBe('q 32'))

  expect(spans[0]?.attributes['articles']).toBe(3)
  expect(spans[0]?.events).toEqual(['chosen'])
})

test('passSpan false leaves a parameter that was not given alone', async () => {
  const work = observe({ name: 'work', passSpan: false }, (question: string, options?: object) => [
    question,
    options,
  ])

  await record(() => expect(work('q')).toEqual(['q', undefined]))
})

test('a generator is one span, and what runs at each of its steps belongs to it', async () => {
  const step = observe({ name: 'step' }, (n: number) => n)
  const count = observe({ name: 'count' }, async function* count(to: number) {
    for (let n = 0; n < to; n++) yield step(n)
  })

  const spans = await record(async () => {
    const seen: number[] = []
    for await (const n of count(3)) seen.push(n)
    expect(seen).toEqual([0, 1, 2])
  })

  const counted = spans.find((span) => span.name === 'count')
  expect(counted?.attributes['sightline.output']).toBe('[0,1,2]')
  expect(spans.filter((span) => span.name === 'step').map((span) => span.parentSpanId)).toEqual(
    Array.from({ length: 3 }, () => counted?.spanId),
  )
})

test('a promise that begins its work when it is awaited is not begun by us', async () => {
  let begun = 0
  const query = {
    // oxlint-disable-next-line unicorn/no-thenable -- a lazy thenable is what this is about
    then(resolve: (rows: number[]) => void) {
      begun += 1
      resolve([begun])
    },
  }
  const find = observe({ name: 'find' }, () => query)

  const spans = await record(async () => {
    const pending = find()
    expect(pending).toBe(query)
    expect(begun).toBe(0)
    expect(await pending).toEqual([1])
  })

  expect(spans[0]?.attributes['sightline.output']).toBe('[1]')
})

test('a stream that a function returns is part of its work, read in its context', async () => {
  const step = observe({ name: 'step' }, (n: number) => n)
  class Countdown {
    left = 2;
    [Symbol.asyncIterator]() {
      return {
        next: async () =>
          this.left === 0
            ? { done: true as const, value: undefined }
            : { done: false as const, value: step(this.left--) },
      }
    }
  }
  const stream = new Countdown()
  const count = observe({ name: 'count' }, async () => stream)

  const spans = await record(async () => {
    const returned = await count()
    expect(returned).toBe(stream)
    expect(Object.keys(returned)).toEqual(['left'])
    const seen: number[] = []
    for await (const n of returned) seen.push(n)
    expect(seen).toEqual([2, 1])
  })

  const counted = spans.find((span) => span.name === 'count')
  expect(counted?.attributes['sightline.output']).toBe('[2,1]')
  expect(spans.filter((span) => span.parentSpanId === counted?.spanId)).toHaveLength(2)
})

test('a stream that is used in some other way ends its span as of when it was returned', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const open = observe({ name: 'open' }, () => new ReadableStream())
    await using receiver = await startOtlpReceiver()
    init({ endpoint: receiver.url })

    expect(open()).toBeInstanceOf(ReadableStream)
    await vi.advanceTimersByTimeAsync(5_000)
    vi.useRealTimers()
    await flush()

    expect(receiver.spans).toMatchObject([{ name: 'open', statusCode: 0 }])
  } finally {
    vi.useRealTimers()
  }
})

test('what cannot be changed is returned as it is, and recorded at once', async () => {
  const frozen = Object.freeze({ async *[Symbol.asyncIterator]() {} })
  // oxlint-disable-next-line unicorn/no-thenable -- a thenable that cannot be watched
  const thenable = Object.freeze({ then: () => undefined })

  const spans = await record(() => {
    expect(observe({ name: 'stream' }, () => frozen)()).toBe(frozen)
    expect(observe({ name: 'thenable' }, () => thenable)()).toBe(thenable)
  })

  expect(spans.map((span) => span.name)).toEqual(['stream', 'thenable'])
})

test('a generator left early ends its span with what it yielded, as it was then', async () => {
  const count = observe({ name: 'count' }, function* count() {
    const item = { n: 0 }
    for (;;) {
      item.n += 1
      yield item
    }
  })

  const [span] = await record(() => {
    for (const item of count()) if (item.n === 2) break
  })

  expect(span?.attributes['sightline.output']).toBe('[{"n":1},{"n":2}]')
})

test('a method of a class keeps its object, and what is private in it', async () => {
  class Shop {
    #name = 'lamps'
    describe = observe({ name: 'describe' }, function describe(this: Shop, suffix: string) {
      return this.#name + suffix
    })
  }

  await record(() => expect(new Shop().describe('!')).toBe('lamps!'))
})

test('contexts add up, and the inner value wins', async () => {
  const work = observe({ name: 'work' }, () => undefined)

  const spans = await record(() =>
    withContext({ session: 's', user: 'u', tags: ['a'], metadata: { plan: 'pro', seats: 3 } }, () =>
      withContext(
        { user: 'v', tags: ['b'], prompt: { name: 'answer', version: 2 }, task: 'summarisation' },
        () => work(),
      ),
    ),
  )

  expect(spans[0]?.attributes).toMatchObject({
    'session.id': 's',
    'gen_ai.conversation.id': 's',
    'user.id': 'v',
    'sightline.tags': ['a', 'b'],
    'sightline.metadata.plan': 'pro',
    'sightline.metadata.seats': 3,
    'gen_ai.prompt.name': 'answer',
    'gen_ai.prompt.version': '2',
    'sightline.task': 'summarisation',
  })
})

test('content none sends no content, and redacted no text', async () => {
  const work = observe({ name: 'work' }, (value: string) => ({ name: value, said: value }))

  const [none] = await record(() => work('secret'), { content: 'none' })
  await shutdown()
  const [redacted] = await record(() => work('secret'), { content: 'redacted' })

  expect(JSON.stringify(none)).not.toContain('secret')
  expect(none?.attributes['sightline.input']).toBeUndefined()
  expect(redacted?.attributes['sightline.input']).toBe('"[redacted 6 chars]"')
})

test('a redact hook is asked for each field, and one that throws drops the field alone', async () => {
  const fields: string[] = []
  const work = observe({ name: 'work' }, (_value: string) => 'answer')

  const [span] = await record(() => work('card 4111'), {
    redact: (value, { field }) => {
      fields.push(field)
      if (field === 'output') throw new Error('no')
      return String(value).replace(/\d+/, '#')
    },
  })

  expect(fields).toEqual(['input', 'output'])
  expect(span?.attributes['sightline.input']).toBe('"card #"')
  expect(span?.attributes['sightline.output']).toBeUndefined()
  expect(span?.attributes['sightline.content.dropped']).toEqual(['output'])
})

test('the wall clock of a simulation moves the spans', async () => {
  const work = observe({ name: 'work' }, () => undefined)
  const yesterday = Date.now() - 86_400_000

  const [span] = await record(work, { now: () => yesterday })

  expect(span?.startMs).toBe(yesterday)
})
