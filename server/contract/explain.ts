import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'

export const MetricScope = z.enum(['call', 'trace'])
export type MetricScope = z.infer<typeof MetricScope>

/**
 * One value of one field in the worse part of a range. `share` and `baselineShare` are the ratios
 * (0-1) of traces or calls that carry it in the worse part and in the baseline, `lift` their
 * quotient (null without one in the baseline), `n` how many of the worse part carry it.
 * `contribution` (0-1) is the part of the growth that it explains: of a tool, model or step in
 * slower, dearer or longer traces the growth of its own time, cost or tokens ÷ that of the trace;
 * of anything else its share of what got worse, less `baselineShare`. Of failures, tool, model,
 * step and error.type are those that failed first, compared with the failures of the baseline.
 */
export const ExplainItem = z.object({
  field: z.string(),
  value: z.string(),
  share: z.number(),
  baselineShare: z.number(),
  lift: z.nullable(z.number()),
  n: z.number(),
  contribution: z.number(),
})
export type ExplainItem = z.infer<typeof ExplainItem>

export const ExplainResult = z.object({
  metric: z.string(),
  scope: MetricScope,
  from: EpochMs,
  to: EpochMs,
  baselineFrom: EpochMs,
  baselineTo: EpochMs,
  /** What makes a trace or call belong to the worse part, in words with its unit. */
  worse: z.string(),
  /** Filter terms (`field:op:value`) that list the worse part. */
  f: z.array(z.string()),
  /** Traces or calls in the worse part, in the range and in the baseline. */
  nWorse: z.number(),
  n: z.number(),
  nBaseline: z.number(),
  /** False when a bound was met and only the newest part of a range was looked at. */
  isComplete: z.boolean(),
  storedThrough: EpochMs,
  items: z.array(ExplainItem),
})
export type ExplainResult = z.infer<typeof ExplainResult>
