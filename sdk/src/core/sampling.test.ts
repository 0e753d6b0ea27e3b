import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Content } from './fields.ts'
import { createSampler } from './sampling.ts'
import type { SamplingOptions } from './sampling.ts'
import type { SpanRecord } from './span-record.ts'

const LOW = `${'0'.repeat(31)}1`
const HIGH = 'f'.repeat(32)
const PROBABILITY = 'sightline.sample.probability'

function recordOf(values: Partial<SpanRecord> & { readonly ms?: number } = {}): SpanRecord {
  const { ms = 10, ...rest } = values
  return {
    traceId: HIGH,
    spanId: '00f067aa0ba902b7',
    parentSpanId: undefined,
    flags: 1,
    name: 'chat gpt-4o-mini',
    kind: SpanKind.CLIENT,
    start: [1_000, 999_000_000],
    end: [1_000 + Math.floor((999 + ms) / 1_000), ((999 + ms) % 1_000) * 1e6],
    parts: [{ 'gen_ai.request.model': 'gpt-4o-mini' }],
    events: [],
    links: [],
    status: { code: SpanStatusCode.UNSET },
    resource: {},
    scope: { name: 'sightline' },
    ...rest,
  }
}

const failed = { code: SpanStatusCode.ERROR }

function decide(options: SamplingOptions, record: SpanRecord): unknown {
  const sampler = createSampler(options)
  if (sampler === undefined) return 'all'
  return sampler(record)?.parts.at(-1)?.[PROBABILITY]
}

test('without a share, or with all of it, there is nothing to decide', () => {
  expect(createSampler({})).toBeUndefined()
  expect(createSampler({ sample: 1, keepSlowerThanMs: 5 })).toBeUndefined()
  expect(createSampler({ sample: Number.NaN })).toBeUndefined()
})

test('a trace is within the share by the last half of its id', () => {
  expect(decide({ sample: 0.5 }, recordOf({ traceId: LOW }))).toBe(0.5)
  expect(decide({ sample: 0.5 }, recordOf({ traceId: HIGH }))).toBeUndefined()
  expect(decide({ sample: 0.5 }, recordOf({ traceId: 'f'.repeat(16) + '0'.repeat(16) }))).toBe(0.5)
  expect(decide({ sample: 0 }, recordOf({ traceId: '0'.repeat(32) }))).toBeUndefined()
})

test('every process decides alike, a larger share keeps what a smaller one does', () => {
  const traceIds = fc.stringMatching(/^[0-9a-f]{32}$/)
  fc.assert(
    fc.property(traceIds, fc.double({ min: 0, max: 0.99, noNaN: true }), (traceId, sample) => {
      const isKept = createSampler({ sample })?.(recordOf({ traceId })) !== undefined
      const larger = createSampler({ sample: sample + 0.005 })?.(recordOf({ traceId }))
      if (isKept) expect(larger).toBeDefined()
    }),
  )
})

test('about the share asked for is kept', () => {
  const sampler = createSampler({ sample: 0.25 })
  let kept = 0
  for (let index = 0; index < 4_096; index++) {
    const traceId = `${'a'.repeat(16)}${index.toString(16).padStart(3, '0')}${'7'.repeat(13)}`
    if (sampler?.(recordOf({ traceId })) !== undefined) kept += 1
  }
  expect(kept).toBe(1_024)
})

describe('kept whatever the share', () => {
  test('are failed spans, unless told otherwise', () => {
    expect(decide({ sample: 0 }, recordOf({ status: failed }))).toBe(1)
    expect(decide({ sample: 0, keepErrors: false }, recordOf({ status: failed }))).toBeUndefined()
  })

  test('are slow spans, where a limit is given', () => {
    const options = { sample: 0, keepSlowerThanMs: 2_000 }

    expect(decide(options, recordOf({ ms: 2_001 }))).toBe(1)
    expect(decide(options, recordOf({ ms: 2_000 }))).toBeUndefined()
    expect(decide({ sample: 0 }, recordOf({ ms: 100_000 }))).toBeUndefined()
  })

  test('are the spans around a failed one, which end after it, and no other trace', () => {
    const sampler = createSampler({ sample: 0 })
    const traceId = '1'.repeat(32)

    expect(sampler?.(recordOf({ traceId }))).toBeUndefined()
    expect(sampler?.(recordOf({ traceId, status: failed }))).toBeDefined()
    expect(sampler?.(recordOf({ traceId, name: 'agent' }))).toBeDefined()
    expect(sampler?.(recordOf({ traceId: '2'.repeat(32) }))).toBeUndefined()
  })

  test('are such traces up to a bound', () => {
    const sampler = createSampler({ sample: 0 })
    const idOf = (index: number) => index.toString(16).padStart(32, '0')
    for (let index = 0; index <= 1_000; index++) {
      sampler?.(recordOf({ traceId: idOf(index), status: failed }))
    }

    expect(sampler?.(recordOf({ traceId: idOf(0) }))).toBeUndefined()
    expect(sampler?.(recordOf({ traceId: idOf(1) }))).toBeDefined()
  })
})

describe('a function', () => {
  test('decides by attributes, without content', () => {
    const seen: unknown[] = []
    const fields = {
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.input.messages': new Content('input.messages', []),
      'gen_ai.response.id': undefined,
    }
    const sample: SamplingOptions['sample'] = (attributes) => {
      seen.push(attributes)
      return 0.25
    }

    const parts = [{ 'user.id': 't' }, { 'user.id': 'u' }]

    expect(decide({ sample }, recordOf({ traceId: LOW, parts: [fields] }))).toBe(0.25)
    expect(decide({ sample }, recordOf({ traceId: LOW, parts: [fields, ...parts] }))).toBe(0.25)
    expect(seen).toEqual([
      { 'gen_ai.request.model': 'gpt-4o-mini' },
      { 'gen_ai.request.model': 'gpt-4o-mini', 'user.id': 'u' },
    ])
  })

  test.each([
    ['throws', () => JSON.parse('no') as number],
    ['answers no number', () => Number.NaN],
    ['answers all', () => 1],
  ])('that %s keeps the span as it is', (_, sample) => {
    const record = recordOf()

    expect(createSampler({ sample })?.(record)).toBe(record)
  })
})

test('the record that others hold is not changed', () => {
  const record = recordOf({ traceId: LOW })

  createSampler({ sample: 0.5 })?.(record)

  expect(Object.assign({}, ...record.parts)).not.toHaveProperty(PROBABILITY)
})
