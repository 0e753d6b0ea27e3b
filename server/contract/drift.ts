import * as z from 'zod/mini'
import { TimeRange } from './primitives.ts'

export const DRIFT_SIGNALS = ['input_length', 'output_length'] as const
export const DriftSignalName = z.enum(DRIFT_SIGNALS)
export type DriftSignalName = z.infer<typeof DriftSignalName>

export const DriftVerdict = z.enum(['stable', 'shifted', 'insufficient', 'learning'])
export type DriftVerdict = z.infer<typeof DriftVerdict>

const count = z.nullable(z.number())

/** One signal compared with its reference; `value` is `statistic` in its own unit. */
export const DriftSignal = z.object({
  signal: DriftSignalName,
  kind: z.enum(['numeric', 'categorical', 'binary', 'text']),
  unit: z.string(),
  n: z.number(),
  nReference: z.number(),
  statistic: z.string(),
  value: count,
  interval: z.nullable(z.tuple([z.number(), z.number()])),
  pValue: count,
  qValue: count,
  effect: z.object({ text: z.string(), from: count, to: count, unit: z.string() }),
  /** Evidence and what it must reach: `-log10(p)` against 5, in the first form. */
  evidence: count,
  threshold: z.number(),
  verdict: DriftVerdict,
  window: TimeRange,
  reference: TimeRange,
  contributions: z.array(
    z.object({ label: z.string(), share: z.number(), referenceShare: z.number() }),
  ),
  slices: z.array(z.object({ field: z.string(), value: z.string(), share: z.number() })),
  /** Evidence per strip bucket over the asked range, oldest first; null = too few calls. */
  strip: z.array(z.object({ t: z.number(), evidence: count, verdict: DriftVerdict })),
})
export type DriftSignal = z.infer<typeof DriftSignal>

export const DriftResult = z.object({ storedThrough: z.number(), signals: z.array(DriftSignal) })
export type DriftResult = z.infer<typeof DriftResult>
