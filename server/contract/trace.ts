import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'
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

export const TraceList = z.object({ items: z.array(TraceSummary), nextCursor: text })
export type TraceList = z.infer<typeof TraceList>

export const TraceDetail = z.object({
  traceId: z.string(),
  spans: z.array(SpanSummary),
  nextCursor: text,
  totals: z.object({
    usage: TokenTotals,
    cost: CostTotals,
    modelCalls: z.number(),
    failedModelCalls: z.number(),
    embeddingCalls: z.number(),
  }),
})
export type TraceDetail = z.infer<typeof TraceDetail>
