import * as z from 'zod/mini'
import { EpochMs, Scanned } from './primitives.ts'
import { SpanStatus, SpanSummary } from './span.ts'

const text = z.nullable(z.string())
const count = z.nullable(z.number())

/** Token sums over the spans that count tokens, inclusive as OTel defines them. */
export const TokenTotals = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  reasoningTokens: z.number(),
})
export type TokenTotals = z.infer<typeof TokenTotals>

export const CostTotals = z.object({ totalUsd: count, unpricedCalls: z.number() })
export type CostTotals = z.infer<typeof CostTotals>

export const SegmentKind = z.enum(['retrieval', 'wait', 'generation', 'tool', 'other'])
export const TraceSegment = z.object({ kind: SegmentKind, ms: z.number() })
export type TraceSegment = z.infer<typeof TraceSegment>

export const TraceSummary = z.object({
  traceId: z.string(),
  name: z.string(),
  startTime: EpochMs,
  durationMs: count,
  ttftMs: count,
  status: SpanStatus,
  spanCount: z.number(),
  errorCount: z.number(),
  models: z.array(z.string()),
  usage: TokenTotals,
  cost: CostTotals,
  service: text,
  environment: text,
  release: text,
  userId: text,
  sessionId: text,
  scores: z.array(z.object({ name: z.string(), value: count, label: text })),
  rootReceived: z.boolean(),
  segments: z.array(TraceSegment),
})
export type TraceSummary = z.infer<typeof TraceSummary>

export const TraceList = z.object({
  items: z.array(TraceSummary),
  nextCursor: text,
  scanned: z.optional(Scanned),
})
export type TraceList = z.infer<typeof TraceList>

export const TraceDetail = z.object({
  traceId: z.string(),
  spans: z.array(SpanSummary),
  nextCursor: text,
  totals: z.object({
    usage: TokenTotals,
    cost: CostTotals,
    spanCount: z.number(),
    modelCalls: z.number(),
    failedModelCalls: z.number(),
    embeddingCalls: z.number(),
  }),
})
export type TraceDetail = z.infer<typeof TraceDetail>

/** `failed` is time on the critical path within spans that failed. */
export const BudgetKind = z.enum(['failed', 'retrieval', 'wait', 'generation', 'tool', 'other'])
export type BudgetKind = z.infer<typeof BudgetKind>

/**
 * A trace against the median of the last 200 before it of the same service and root name. The parts
 * of `budget` add up to the trace's duration; `medianMs` is null without such traces.
 */
export const TraceUsual = z.object({
  traceId: z.string(),
  service: text,
  name: z.string(),
  durationMs: count,
  /** How many traces the medians rest on. */
  n: z.number(),
  medianDurationMs: count,
  budget: z.array(z.object({ kind: BudgetKind, ms: z.number(), medianMs: count })),
  /** Same service and root name, status ok, no slower than the median, nearest in start time. */
  fastTwin: z.nullable(
    z.object({
      traceId: z.string(),
      startTime: EpochMs,
      durationMs: z.number(),
      reason: z.string(),
    }),
  ),
})
export type TraceUsual = z.infer<typeof TraceUsual>

/** Where a trace stands in a list; `position` counts from 1, null beyond what is counted. */
export const TraceNeighbours = z.object({
  previous: text,
  next: text,
  position: count,
  total: count,
})
export type TraceNeighbours = z.infer<typeof TraceNeighbours>
