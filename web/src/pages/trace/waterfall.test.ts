import { expect, test } from 'vitest'
import type { SpanSummary } from '@sightline/server/contract'
import { firstTokenMs, tokensPerSecond, verdictOf } from './trace-facts.ts'
import { runTraceKey } from './use-trace-keys.ts'
import { barOf, traceTicks, waterfallOf } from './waterfall.ts'

function spanOf(overrides: Partial<SpanSummary> = {}): SpanSummary {
  return {
    spanId: 'root',
    parentSpanId: null,
    name: 'answer',
    startTime: 1_000,
    endTime: 2_000,
    durationMs: 1_000,
    ttftMs: null,
    status: 'ok',
    type: 'chain',
    streaming: null,
    outputTokens: null,
    ...overrides,
  } as SpanSummary
}

const root = spanOf()
const late = spanOf({ spanId: 'late', parentSpanId: 'root', startTime: 1_500 })
const early = spanOf({ spanId: 'early', parentSpanId: 'root', startTime: 1_100 })
const leaf = spanOf({ spanId: 'leaf', parentSpanId: 'early', startTime: 1_200 })

const shape = (spans: SpanSummary[], folded?: Set<string>) =>
  waterfallOf(spans, folded).rows.map(({ span, depth }) => [span.spanId, depth])

test('children follow their parent, indented, in the order of their start', () => {
  expect(shape([leaf, late, early, root])).toEqual([
    ['root', 0],
    ['early', 1],
    ['leaf', 2],
    ['late', 1],
  ])
})

test('a folded row hides all below it', () => {
  expect(shape([root, early, leaf, late], new Set(['early']))).toEqual([
    ['root', 0],
    ['early', 1],
    ['late', 1],
  ])
})

test('a span whose parent did not come is shown after the root, as an orphan', () => {
  const orphan = spanOf({ spanId: 'orphan', parentSpanId: 'lost', startTime: 900 })

  const waterfall = waterfallOf([orphan, root])

  expect(waterfall.rows.map(({ span, isOrphan }) => [span.spanId, isOrphan])).toEqual([
    ['root', false],
    ['orphan', true],
  ])
  expect(waterfall).toMatchObject({
    orphanCount: 1,
    start: 900,
    end: 2_000,
    root: { spanId: 'root' },
  })
})

test('without a root there is none, and the spans are shown all the same', () => {
  const waterfall = waterfallOf([early, leaf])

  expect(waterfall.root).toBeNull()
  expect(waterfall.rows).toHaveLength(2)
})

test('spans that name each other, or themselves, as parents are shown once each', () => {
  const a = spanOf({ spanId: 'a', parentSpanId: 'b' })
  const b = spanOf({ spanId: 'b', parentSpanId: 'a' })
  const self = spanOf({ spanId: 'self', parentSpanId: 'self' })

  expect(
    waterfallOf([a, b, self])
      .rows.map(({ span }) => span.spanId)
      .toSorted(),
  ).toEqual(['a', 'b', 'self'])
})

test('ten thousand spans in one chain are laid out without deep recursion', () => {
  const chain = Array.from({ length: 10_000 }, (_, index) =>
    spanOf({
      spanId: `s${index}`,
      parentSpanId: index === 0 ? null : `s${index - 1}`,
      startTime: index,
    }),
  )

  expect(waterfallOf(chain).rows.at(-1)?.depth).toBe(9_999)
})

test('a bar lies where its span lies, and its wait is a share of it', () => {
  const span = spanOf({ startTime: 1_500, durationMs: 500, ttftMs: 125 })

  expect(barOf(span, 1_000, 1_000)).toEqual({ left: 50, width: 50, waitShare: 25, durationMs: 500 })
})

test('ticks are round and at most six', () => {
  expect(traceTicks(8_400)).toEqual([0, 2_000, 4_000, 6_000, 8_000])
  expect(traceTicks(7_900)).toEqual([0, 2_000, 4_000, 6_000])
})

test('the first token counts from the start of the trace', () => {
  const call = spanOf({ spanId: 'call', startTime: 1_400, ttftMs: 200 })

  expect(firstTokenMs([root, call], 1_000)).toBe(600)
  expect(firstTokenMs([root], 1_000)).toBeNull()
})

test('a failure inside a trace that ended well is a recovery', () => {
  const failed = spanOf({ spanId: 'x', parentSpanId: 'root', status: 'error' })

  expect(verdictOf([root, failed], root)).toEqual({
    tone: 'warn',
    text: 'ok, recovered after 1 error',
  })
  expect(verdictOf([failed], null).tone).toBe('crit')
  expect(verdictOf([root], root).tone).toBe('ok')
})

test('speed is that of the stream after its first token', () => {
  const streamed = spanOf({ streaming: true, outputTokens: 118, durationMs: 2_400, ttftMs: 700 })

  expect(tokensPerSecond(streamed)).toBeCloseTo(69.4, 1)
  expect(tokensPerSecond({ ...streamed, streaming: false })).toBeNull()
})

test('keys step through rows, jump to the next error and fold', () => {
  const failed = { ...late, status: 'error' as const }
  const waterfall = waterfallOf([root, early, leaf, failed])
  const seen: string[] = []
  const keys = {
    waterfall,
    selectedId: 'early',
    onSelect: (spanId: string) => seen.push(`select ${spanId}`),
    onFold: (spanId: string) => seen.push(`fold ${spanId}`),
  }

  for (const key of ['j', 'k', 'e', 'ArrowLeft', 'ArrowRight', 'x']) runTraceKey(key, keys)

  expect(seen).toEqual(['select leaf', 'select root', 'select late', 'fold early'])
})
