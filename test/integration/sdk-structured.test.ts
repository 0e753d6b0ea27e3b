import { flush, init, llm, shutdown } from '@sightline/sdk'
import { flush as flushCore, init as initCore } from '@sightline/sdk/core'
import { wrapOpenAI } from '@sightline/sdk/openai'
import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { Span, SpanList } from '../../server/contract/index.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { startTestServer } from '../support/test-server.ts'

afterEach(async () => {
  await shutdown()
})

const STRUCTURED = { 'sightline-accepts': 'structured-content' }

const REQUEST: OpenAI.Chat.ChatCompletionCreateParamsNonStreaming = {
  model: 'gpt-5-mini',
  messages: [
    { role: 'system', content: 'Be “terse”.\n' },
    { role: 'user', name: 'Zoë', content: [{ type: 'text', text: 'Wie wird das Wetter? 🌦' }] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'c1',
          type: 'function',
          function: {
            name: 'weather',
            arguments: '{"days":[1,2.5,null,true,-7,1e21],"deep":{"__proto__":{"x":""}},"no":[]}',
          },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: '{"celsius":7}' },
  ],
  tools: [
    {
      type: 'function',
      function: {
        name: 'weather',
        description: 'Tells the weather.',
        parameters: { type: 'object', properties: { days: { type: 'array', items: {} } } },
      },
    },
  ],
}

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-5-mini-2026',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: '7 °C', reasoning_content: 'Hm.' },
    },
  ],
  usage: { prompt_tokens: 40, completion_tokens: 9, total_tokens: 49 },
}

const openai = () =>
  wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: async () => Response.json(ANSWER), maxRetries: 0 }))

describe.each([
  ['the Node preset', init, flush],
  ['the core', initCore, flushCore],
])('in %s', (_, start, send) => {
  test('content is structured once the collector has named it, and a text again once it no longer does', async () => {
    await using receiver = await startOtlpReceiver()
    receiver.answers.push({ status: 200, headers: STRUCTURED }, { status: 200 })
    start({ endpoint: receiver.url })
    const client = openai()

    for (let call = 0; call < 3; call++) {
      await client.chat.completions.create(REQUEST)
      await send()
    }

    const [first, second, third] = receiver.spans.map(({ attributes }) => attributes)
    for (const name of [
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'gen_ai.tool.definitions',
    ]) {
      expect(first?.[name]).toBeTypeOf('string')
      expect(second?.[name]).toBeTypeOf('object')
      expect(JSON.stringify(second?.[name])).toBe(JSON.stringify(JSON.parse(String(first?.[name]))))
      expect(third?.[name]).toBe(first?.[name])
    }
  })

  test('a collector that failed has said nothing', async () => {
    await using receiver = await startOtlpReceiver()
    receiver.answers.push(
      { status: 200, headers: STRUCTURED },
      { status: 503 },
      { status: 200, headers: STRUCTURED },
    )
    start({ endpoint: receiver.url })
    const client = openai()

    await client.chat.completions.create(REQUEST)
    await send()
    await client.chat.completions.create(REQUEST)
    await send()
    await client.chat.completions.create(REQUEST)
    await send()

    expect(
      receiver.spans.map(({ attributes }) => typeof attributes['gen_ai.input.messages']),
    ).toEqual(['string', 'object', 'object'])
  })
})

test('Sightline reads the same from both forms', async () => {
  await using server = await startTestServer()
  init({ endpoint: server.url })
  const client = openai()
  const ask = () =>
    llm({ model: 'm', task: 'chat', input: [{ role: 'user', content: 'x' }] }, () => 'an answer')

  for (let round = 0; round < 2; round++) {
    await client.chat.completions.create(REQUEST)
    ask()
    expect(await flush()).toBe(true)
  }

  const list = await fetch(`${server.url}/api/v1/spans`)
  const { items } = SpanList.parse(await list.json())
  const spans = await Promise.all(
    items.map(async ({ traceId, spanId }) => {
      const answer = await fetch(`${server.url}/api/v1/traces/${traceId}/spans/${spanId}`)
      return Span.parse(await answer.json())
    }),
  )
  for (const model of ['gpt-5-mini', 'm']) {
    const [one, other] = spans.filter(({ requestModel }) => requestModel === model)
    expect(one?.inputMessages?.length).toBeGreaterThan(0)
    expect(one?.outputMessages).toHaveLength(1)
    for (const part of [
      'inputMessages',
      'outputMessages',
      'toolDefinitions',
      'warnings',
    ] as const) {
      expect(other?.[part]).toEqual(one?.[part])
    }
  }
})
