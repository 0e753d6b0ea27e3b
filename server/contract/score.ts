import * as z from 'zod/mini'
import { MetricResult } from './metric.ts'
import { EpochMs, SpanId, TraceId } from './primitives.ts'

export const ScoreSource = z.enum(['user', 'judge', 'code'])
export type ScoreSource = z.infer<typeof ScoreSource>

/** At least one of traceId, spanId, responseId, and of value and label. May come before its span. */
export const ScoreInput = z.object({
  id: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  traceId: z.optional(TraceId),
  spanId: z.optional(SpanId),
  responseId: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  value: z.optional(z.number()),
  label: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  comment: z.optional(z.string().check(z.maxLength(4_000))),
  source: ScoreSource,
  at: z.optional(z.union([EpochMs, z.string().check(z.maxLength(40))])),
})
export type ScoreInput = z.infer<typeof ScoreInput>

const text = z.nullable(z.string())

export const Score = z.object({
  id: z.string(),
  traceId: text,
  spanId: text,
  responseId: text,
  name: z.string(),
  value: z.nullable(z.number()),
  label: text,
  comment: text,
  source: ScoreSource,
  at: EpochMs,
})
export type Score = z.infer<typeof Score>
export const ScoreList = z.object({ items: z.array(Score), nextCursor: text })
export type ScoreList = z.infer<typeof ScoreList>

/** Up to 1,000 at once, saved together. */
export const ScoreBatch = z.object({
  scores: z.array(ScoreInput).check(z.minLength(1), z.maxLength(1_000)),
})
/** The body of POST /scores. */
export const ScoreBody = z.union([ScoreInput, ScoreBatch])

/** `score_avg.NAME`, `score_pass_rate.NAME`, `feedback_positive_rate`; `n` counts scores. */
export const ScoreMetricResult = z.extend(z.omit(MetricResult, { metric: true, scope: true }), {
  metric: z.string(),
})
export type ScoreMetricResult = z.infer<typeof ScoreMetricResult>
