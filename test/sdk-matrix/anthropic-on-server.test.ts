import Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { priceSpan } from '../../server/enrich/cost.ts'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'
import { describeSpan } from '../../server/ingest/describe.ts'
import { normaliseTraces } from '../../server/ingest/normalise.ts'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { behave, plainParams, TOOLS } from './anthropic-setting.ts'
import { importSdk } from './packed-sdk.ts'

/** The span of one call, as the server reads it. */
async function readCall(call: (client: Anthropic) => Promise<unknown>) {
  const sdk = await importSdk('core')
  await using receiver = await startOtlpReceiver()
  await using simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  sdk.init({ endpoint: receiver.url })
  await call(sdk.wrap(new Anthropic({ apiKey: 'key', baseURL: simulator.url, maxRetries: 0 })))
  await sdk.shutdown()
  const sent = receiver.spans.at(-1)
  if (sent === undefined) throw new Error('no span has arrived')
  const traces = decodeTracesProtobuf(encodeAgain(sent))
  const { records } = normaliseTraces(traces, { nowUs: Date.now() * 1_000 })
  const [record] = records
  const [span] = traces.spans
  if (record === undefined || span === undefined) throw new Error('the server reads no span')
  return { record, described: describeSpan(span), price: priceSpan(record) }
}

function encodeAgain({ traceId, spanId, name, attributes, startMs, endMs, scope }: ReceivedSpan) {
  const scalars = Object.entries(attributes).filter(([, value]) => !Array.isArray(value))
  const span = { traceId, spanId, name, startMs, endMs, attributes: Object.fromEntries(scalars) }
  return encodeTraces({ scope, spans: [span as Parameters<typeof encodeTraces>[0]['spans'][0]] })
}

test('the server counts and prices what was cached, an hour apart from five minutes', async () => {
  const { record, price } = await readCall((client) =>
    client.messages.create(
      plainParams({
        model: 'claude-haiku-4-5',
        system: [
          {
            type: 'text',
            text: 'A long policy. '.repeat(40),
            cache_control: { type: 'ephemeral', ttl: '1h' },
          },
          { type: 'text', text: 'More. '.repeat(20), cache_control: { type: 'ephemeral' } },
        ],
      }),
    ),
  )

  expect(record).toMatchObject({ dialect: 'sightline', type: 'llm', provider: 'anthropic' })
  expect(price.reason).toBeNull()
  expect(price.buckets.map(({ kind }) => kind)).toEqual([
    'cache_write_1h',
    'cache_write',
    'input',
    'output',
  ])
  const counted = price.buckets.filter(({ kind }) => kind !== 'output')
  const input = counted.reduce((sum, { tokens }) => sum + tokens, 0)
  expect(input).toBe(record.usage.input)
})

test('the server shows thinking, searches, calls and the answers of tools', async () => {
  const { described } = await readCall((client) =>
    client.messages.create(
      plainParams({
        thinking: { type: 'enabled', budget_tokens: 1_024 },
        tools: [...TOOLS, { type: 'web_search_20250305', name: 'web_search' }],
        messages: [
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'toolu_1', name: 'look_up_order', input: { id: 7 } }],
          },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '{"state":"gone"}' }],
          },
        ],
      }),
      behave('tool'),
    ),
  )

  expect(described.inputMessages).toMatchObject([
    {
      role: 'assistant',
      parts: [{ type: 'tool_call', id: 'toolu_1', name: 'look_up_order', arguments: { id: 7 } }],
    },
    {
      role: 'user',
      parts: [{ type: 'tool_call_response', id: 'toolu_1', response: { state: 'gone' } }],
    },
  ])
  expect(described.outputMessages[0]?.parts.map(({ type }) => type)).toEqual([
    'reasoning',
    'tool_call',
    'tool_call_response',
    'text',
    'tool_call',
  ])
  expect(described.outputMessages[0]?.parts[1]).toMatchObject({
    name: 'web_search',
    arguments: { query: 'shipping times' },
  })
})
