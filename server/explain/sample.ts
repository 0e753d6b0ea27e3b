/** What explanations look at of a span. */
export type SampledSpan = {
  spanId: string
  parentSpanId: string | null
  startUs: number
  endUs: number
  name: string
  isError: boolean
  service: string | null
  environment: string | null
  release: string | null
  model: string | null
  provider: string | null
  operation: string | null
  prompt: string | null
  tool: string | null
  errorType: string | null
  user: string | null
  session: string | null
  tags: string[]
  finishReasons: string[]
  ttftUs: number | null
  /** null where the span enters no sums. */
  costNanoUsd: number | null
  tokens: number | null
}

/** A trace, or with scope `call` a model call: one of those that are counted. */
export type Unit = {
  startUs: number
  endUs: number
  durationUs: number | null
  isError: boolean
  costNanoUsd: number | null
  tokens: number | null
  spans: SampledSpan[]
}

/** The newest units of one period; not complete where a bound was met. */
export type Sample = { units: Unit[]; isComplete: boolean }
