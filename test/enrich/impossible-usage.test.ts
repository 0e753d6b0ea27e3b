import { expect, it } from 'vitest'
import { priceRecord } from '../../server/enrich/cost.ts'
import { decodeTracesJson } from '../../server/ingest/decode-json.ts'
import { normaliseTraces } from '../../server/ingest/normalise.ts'

function read(usage: Record<string, number>) {
  const attributes = Object.entries({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-audio',
    ...Object.fromEntries(
      Object.entries(usage).map(([key, count]) => [`gen_ai.usage.${key}`, count]),
    ),
  }).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
  }))
  const span = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    name: 'chat',
    startTimeUnixNano: '1793534400000000000',
    endTimeUnixNano: '1793534401000000000',
    attributes,
  }
  const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }))
  const { records, warnings } = normaliseTraces(decodeTracesJson(body), {
    nowUs: 1_793_534_500_000_000,
  })
  const [record] = records
  if (record === undefined) throw new Error('the span was rejected')
  priceRecord(record)
  return { record, warnings }
}

it.each([
  ['input', { input_tokens: -5, output_tokens: 10 }],
  ['input', { input_tokens: 1e15, output_tokens: 10 }],
  ['cacheRead', { input_tokens: 50, output_tokens: 10, 'cache_read.input_tokens': -1 }],
  ['audioInput', { input_tokens: 50, output_tokens: 10, 'audio.input_tokens': 51 }],
  ['audioOutput', { input_tokens: 50, output_tokens: 10, 'audio.output_tokens': 11 }],
  [
    'reasoning',
    { input_tokens: 50, output_tokens: 10, total_tokens: 60, 'reasoning.output_tokens': 30 },
  ],
] as const)('an impossible %s of %j is told, in no sum and never priced', (name, usage) => {
  const { record, warnings } = read(usage)

  expect(record.usage[name]).toBeNull()
  expect(record.costNanoUsd).toBeNull()
  expect(record.costReason).toBe('implausible_usage')
  expect(warnings).toEqual([expect.stringMatching(/^span 0: implausible usage: /)])
  expect(record.usage.output).toBe(10)
})

it('the cache of a sender that leaves it out of the input makes the input larger', () => {
  const { record, warnings } = read({
    input_tokens: 33,
    output_tokens: 19,
    'cache_read.input_tokens': 64,
  })

  expect(record.usage).toMatchObject({ input: 97, cacheRead: 64 })
  expect(warnings).toEqual([])
})
