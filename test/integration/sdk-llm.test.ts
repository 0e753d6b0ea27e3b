import { flush, init, llm, shutdown, withContext } from '@sightline/sdk'
import type { InitOptions, LlmCall } from '@sightline/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { Span, SpanList } from '../../server/contract/index.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { startTestServer } from '../support/test-server.ts'
import type { TestServer } from '../support/test-server.ts'

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

async function attributesOf(
  act: () => unknown,
  options: InitOptions = {},
): Promise<ReceivedSpan['attributes']> {
  const spans = await record(act, options)
  expect(spans).toHaveLength(1)
  return spans[0]?.attributes ?? {}
}

const LABELS = [
  { label: 'NEGATIVE', score: 0.1 },
  { label: 'POSITIVE', score: 0.9 },
]

test('a classifier is one span with task, labels, scores and the size of its input', async () => {
  const spans = await record(async () => {
    const label = await llm(
      {
        model: 'distilbert-sst2',
        provider: 'onnx',
        task: 'sentiment-analysis',
        input: 'Great!',
        attributes: { device: 'cpu' },
      },
      async (call) => {
        call.done({ labels: LABELS, usage: { inputTokens: 4 } })
        return 'POSITIVE'
      },
    )
    expect(label).toBe('POSITIVE')
  })

  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({ name: 'classification distilbert-sst2', kind: 1, statusCode: 0 })
  expect(spans[0]?.attributes).toMatchObject({
    'sightline.kind': 'llm',
    'sightline.task': 'classification',
    'gen_ai.operation.name': 'classification',
    'gen_ai.provider.name': 'onnx',
    'gen_ai.request.model': 'distilbert-sst2',
    'gen_ai.usage.input_tokens': 4,
    'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Great!"}]}]',
    'sightline.input.count': 1,
    'sightline.input.characters': 6,
    'sightline.output': JSON.stringify(LABELS),
    'sightline.label': 'POSITIVE',
    'sightline.label.score': 0.9,
    device: 'cpu',
  })
})

test('the types of the function are those of the call', () => {
  expectTypeOf(llm({ model: 'm' }, async () => 5)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(llm({ model: 'm' }, (call: LlmCall) => call.traceId)).toEqualTypeOf<string>()
})

describe('the output', () => {
  test('is what the function returns, where it does not say more', async () => {
    const attributes = await attributesOf(() =>
      llm({ model: 't5-small', task: 'translation', input: 'Hallo' }, () => 'Hello'),
    )

    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.provider.name': 'custom',
      'gen_ai.output.messages':
        '[{"role":"assistant","parts":[{"type":"text","content":"Hello"}]}]',
      'sightline.usage.source': 'absent',
    })
    expect(attributes).not.toHaveProperty('gen_ai.usage.input_tokens')
  })

  test('in the form of a pipeline of Hugging Face is read as labels', async () => {
    const attributes = await attributesOf(() => llm({ model: 'bert' }, async () => LABELS))

    expect(attributes['sightline.label']).toBe('POSITIVE')
  })

  test('of single words has no label for the whole', async () => {
    const words = [{ label: 'PER', score: 0.99, word: 'Ada' }]

    const attributes = await attributesOf(() => llm({ model: 'ner', task: 'ner' }, () => words))

    expect(attributes['sightline.output']).toBe(JSON.stringify(words))
    expect(attributes).not.toHaveProperty('sightline.label')
  })

  test('of a batch is a list for each input', async () => {
    const attributes = await attributesOf(() =>
      llm({ model: 'bert', task: 'classification', input: ['ab', 'cde'] }, (call) => {
        call.done({ labels: [LABELS, LABELS] })
      }),
    )

    expect(attributes).toMatchObject({
      'sightline.input.count': 2,
      'sightline.input.characters': 5,
      'sightline.output': JSON.stringify([LABELS, LABELS]),
    })
    expect(attributes).not.toHaveProperty('sightline.label')
  })

  test.each([
    { what: 'vectors', vectors: [Array<number>(384).fill(0.5), [1]], count: 2 },
    { what: 'one vector', vectors: new Float32Array(384), count: 1 },
    { what: 'a tensor', vectors: { dims: [3, 384], data: new Float32Array(1_152) }, count: 3 },
  ])('of an embedding is number and length, not the numbers: $what', async ({ vectors, count }) => {
    const attributes = await attributesOf(() =>
      llm(
        { model: 'minilm', task: 'feature-extraction', input: ['a', 'b'] },
        (): unknown => vectors,
      ),
    )

    expect(attributes).toMatchObject({
      'sightline.kind': 'embedding',
      'gen_ai.operation.name': 'embeddings',
      'sightline.embeddings.count': count,
      'gen_ai.embeddings.dimension.count': 384,
    })
    expect(JSON.stringify(attributes)).not.toContain('0.5')
    expect(attributes).not.toHaveProperty('sightline.output')
  })
})

test('data of any shape goes in and comes out as JSON, copied when it is given', async () => {
  const input = { question: 'Who?', context: 'Ada wrote it.' }
  const answer = { answer: 'Ada', start: 0 }

  const attributes = await attributesOf(() =>
    llm({ model: 'bert-qa', task: 'question-answering', input }, (call) => {
      call.done({ output: answer })
      input.question = 'changed'
      answer.answer = 'changed'
    }),
  )

  expect(attributes['sightline.input']).toBe('{"question":"Who?","context":"Ada wrote it."}')
  expect(attributes['sightline.output']).toBe('{"answer":"Ada","start":0}')
})

test('messages stay messages', async () => {
  const input = [
    { role: 'system', content: 'Be brief' },
    { role: 'user', parts: [{ type: 'text', content: 'Hi' }] },
  ]

  const attributes = await attributesOf(() => llm({ model: 'm', task: 'chat', input }, () => 'Yes'))

  expect(attributes['gen_ai.input.messages']).toBe(
    '[{"role":"system","parts":[{"type":"text","content":"Be brief"}]},{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
  )
})

test('chunks are the output of a stream, and tell the time to the first', async () => {
  const [span] = await record(() =>
    llm({ model: 'llama', task: 'completion', input: 'Once' }, async (call) => {
      call.chunk('upon ')
      call.chunk('a time')
      call.done({ usage: { inputTokens: 1, outputTokens: 3 }, finishReason: 'stop' })
    }),
  )

  expect(span?.attributes).toMatchObject({
    'gen_ai.request.stream': true,
    'sightline.stream.state': 'complete',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.output_tokens': 3,
    'gen_ai.output.messages':
      '[{"role":"assistant","parts":[{"type":"text","content":"upon a time"}]}]',
  })
  const firstMs = Number(span?.attributes['gen_ai.response.time_to_first_chunk']) * 1_000
  expect(firstMs).toBeGreaterThanOrEqual(0)
  expect(firstMs).toBeLessThanOrEqual((span?.endMs ?? 0) - (span?.startMs ?? 0) + 1)
})

test('a generator of texts is a stream of its own making', async () => {
  const [span] = await record(async () => {
    const words = llm({ model: 'llama', input: 'Once' }, async function* words(call) {
      for (const word of ['upon ', 'a time']) {
        call.chunk(word)
        yield word
      }
    })
    const seen: string[] = []
    for await (const word of words) seen.push(word)
    expect(seen).toEqual(['upon ', 'a time'])
  })

  expect(span?.attributes['gen_ai.output.messages']).toContain('upon a time')
})

test('a failure reaches the caller as it is, and keeps what came before it', async () => {
  const failure = new RangeError('too long')
  const [late, early] = await record(async () => {
    const streamed = llm({ model: 'm', input: 'x' }, async (call) => {
      call.chunk('part')
      throw failure
    })
    await expect(streamed).rejects.toBe(failure)
    expect(() =>
      llm({ model: 'm' }, () => {
        throw failure
      }),
    ).toThrow(failure)
  })

  for (const span of [late, early]) {
    expect(span).toMatchObject({ statusCode: 2, statusMessage: 'too long' })
    expect(span?.attributes['error.type']).toBe('RangeError')
  }
  expect(late?.attributes['sightline.stream.state']).toBe('error')
  expect(late?.attributes['gen_ai.output.messages']).toContain('part')
})

test('a stream that the end of the SDK cuts off keeps what came', async () => {
  await using receiver = await startOtlpReceiver()
  init({ endpoint: receiver.url })

  void llm({ model: 'm' }, (call) => {
    call.chunk('part')
    return new Promise(() => undefined)
  })
  await shutdown()

  expect(receiver.spans[0]?.attributes['sightline.stream.state']).toBe('aborted')
  expect(receiver.spans[0]?.attributes['gen_ai.output.messages']).toContain('part')
})

test('values of the wrong kind are left out, and nothing throws', async () => {
  const wrong = JSON.parse('[null, {"a":1}, 5]') as never[]

  const [span] = await record(() =>
    llm({ model: 'm' }, (call) => {
      for (const value of wrong) {
        call.set('kept', value)
        call.event('seen', value)
        call.chunk(value)
        call.done(value)
        call.fail(value)
      }
      return 'answer'
    }),
  )

  expect(span?.attributes['kept']).toBe(5)
})

test('what starts inside is its child, and the context outside holds', async () => {
  const spans = await record(() =>
    withContext({ session: 's-1', task: 'chat' }, () =>
      llm({ model: 'outer', task: 'code' }, () => llm({ model: 'inner' }, () => 'x')),
    ),
  )

  const [inner, outer] = spans
  expect(inner?.parentSpanId).toBe(outer?.spanId)
  expect(inner?.attributes).toMatchObject({ 'session.id': 's-1', 'sightline.task': 'chat' })
  expect(outer?.attributes['sightline.task']).toBe('code')
})

test('labels stay in redacted mode, texts do not; in mode none neither leaves', async () => {
  const classify = () => llm({ model: 'bert', input: 'my secret' }, () => LABELS)

  const redacted = await attributesOf(classify, { content: 'redacted' })
  await shutdown()
  const none = await attributesOf(classify, { content: 'none' })

  expect(redacted['sightline.label']).toBe('POSITIVE')
  expect(JSON.stringify(redacted)).not.toContain('secret')
  expect(JSON.stringify(none)).not.toMatch(/secret|POSITIVE/)
  expect(none['sightline.input.characters']).toBe(9)
})

test('while the SDK is off the function runs, and its call does nothing', async () => {
  const result = await llm({ model: 'm' }, async (call) => {
    call.chunk('x')
    call.set('k', 1)
    call.done({ output: 'y' })
    return call.traceId
  })

  expect(result).toBe('0'.repeat(32))
})

describe('on a real server', () => {
  const stack = new AsyncDisposableStack()
  let server: TestServer
  beforeAll(async () => {
    server = stack.use(await startTestServer())
  })
  afterAll(() => stack.disposeAsync())

  async function get(path: string): Promise<unknown> {
    const answer = await fetch(`${server.url}/api/v1${path}`)
    expect(answer.status).toBe(200)
    return answer.json()
  }

  test('the label is filtered by and read as output', async () => {
    init({ endpoint: server.url })
    llm({ model: 'distilbert', task: 'classification', input: 'Great!' }, () => LABELS)
    llm({ model: 'distilbert', task: 'classification', input: 'Bad!' }, () => [
      { label: 'NEGATIVE', score: 0.8 },
    ])
    await flush()

    const { items } = SpanList.parse(await get('/spans?f=attr.sightline.label:eq:POSITIVE'))
    expect(items).toMatchObject([
      { type: 'llm', task: 'classification', provider: 'custom', model: 'distilbert' },
    ])
    const [found] = items
    const span = Span.parse(await get(`/traces/${found?.traceId}/spans/${found?.spanId}`))
    expect(JSON.stringify(span.inputMessages)).toContain('Great!')
    expect(JSON.stringify(span.outputMessages)).toContain('POSITIVE')
    expect(span.countsTokens).toBe(true)
    expect(span.cost).toMatchObject({ totalUsd: null })
  })
})
