import { MINUTE_MS } from '../contract/index.ts'
import { isModelCall } from '../spans/span.ts'
import type { SpanRecord } from '../spans/span.ts'
import { HOUR_MS } from './bucket.ts'
import { PackedRow } from './packed-row.ts'
import type { Series } from './packed-row.ts'
import { COUNTERS, HISTOGRAMS, OUTPUT_RATE_SCALE, clipTupleText, tupleKey } from './series.ts'
import type { SeriesTuple } from './series.ts'

/** What later counts as backfill and says nothing about a project's lateness. */
const BACKFILL_AFTER_MS = HOUR_MS
const MAX_VALUE = 2 ** 52 - 1

/** The part of a span that a rollup looks at. */
export type FoldableSpan = Pick<
  SpanRecord,
  | 'endUs'
  | 'durationUs'
  | 'service'
  | 'environment'
  | 'release'
  | 'type'
  | 'task'
  | 'operation'
  | 'provider'
  | 'model'
  | 'countsTokens'
  | 'costNanoUsd'
  | 'sampled'
  | 'streaming'
  | 'ttftUs'
  | 'status'
  | 'errorType'
  | 'promptName'
  | 'promptVersion'
  | 'quarantined'
> & {
  usage: Pick<SpanRecord['usage'], 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning'>
}

/** One row of `rollup_deltas`: the minute it belongs to and its packed content. */
export type RollupDelta = { bucketMs: number; data: Buffer }

/** Folds the model calls among `spans` into one packed row per minute of their end. */
export function foldSpans(spans: readonly FoldableSpan[], receivedAtMs: number): RollupDelta[] {
  const rows = new Map<number, PackedRow>()
  foldIntoRows(spans, receivedAtMs, rows)
  return [...rows].map(([bucketMs, row]) => ({ bucketMs, data: row.encode() }))
}

/** A stored span as it was counted and as it is to be counted now; both end in the same minute. */
export type SpanChange = { before: FoldableSpan; after: FoldableSpan }

/** What moves counts from `before` to `after`: packed rows that take the old away and add the new. */
export function foldChanges(changes: readonly SpanChange[]): RollupDelta[] {
  const rows = new Map<number, PackedRow>()
  for (const { before, after } of changes) {
    countIntoRows(before, { rows, sign: -1 })
    countIntoRows(after, { rows, sign: 1 })
  }
  return [...rows]
    .filter(([, row]) => !row.isEmpty)
    .map(([bucketMs, row]) => ({ bucketMs, data: row.encode() }))
}

/** As foldSpans, into rows left unpacked: for answers computed from spans batch by batch. */
export function foldIntoRows(
  spans: readonly FoldableSpan[],
  receivedAtMs: number,
  rows: Map<number, PackedRow>,
): void {
  for (const span of spans) {
    const row = countIntoRows(span, { rows, sign: 1 })
    const latenessMs = Math.round(receivedAtMs - span.endUs / 1_000)
    if (row !== null && latenessMs <= BACKFILL_AFTER_MS) row.lateness.add(Math.max(0, latenessMs))
  }
}

type Sign = 1 | -1

function countIntoRows(
  span: FoldableSpan,
  { rows, sign }: { rows: Map<number, PackedRow>; sign: Sign },
): PackedRow | null {
  if (span.quarantined || !isModelCall(span)) return null
  const bucketMs = Math.floor(span.endUs / 1_000 / MINUTE_MS) * MINUTE_MS
  let row = rows.get(bucketMs)
  if (row === undefined) {
    row = new PackedRow()
    rows.set(bucketMs, row)
  }
  const tuple = tupleOf(span)
  countCall(row.seriesOf(tuple, tupleKey(tuple)), span, sign)
  return row
}

/** The prompt of a span as series, filters and groups name it. */
function promptLabel(name: string | null, version: string | null): string | null {
  return name === null || version === null ? name : `${name}@${version}`
}

function tupleOf(span: FoldableSpan): SeriesTuple {
  return [
    clipTupleText(span.service),
    clipTupleText(span.environment),
    clipTupleText(span.release),
    clipTupleText(span.operation),
    clipTupleText(span.provider),
    clipTupleText(span.model),
    clipTupleText(promptLabel(span.promptName, span.promptVersion)),
    span.status,
    clipTupleText(span.errorType),
    clipTupleText(span.task),
    span.type,
  ]
}

function countCall(series: Series, span: FoldableSpan, sign: Sign): void {
  const { usage } = span
  const count = (counter: number, amount: number | null): void =>
    series.count(counter, sign * (amount ?? 0))
  const sample = (histogram: number, value: number | null): void => {
    if (value === null) return
    if (sign === 1) series.histograms[histogram]?.add(value)
    else series.histograms[histogram]?.remove(value)
  }
  count(COUNTERS.requests, 1)
  if (span.status === 'error') count(COUNTERS.errors, 1)
  if (span.sampled === true) count(COUNTERS.sampledCalls, 1)
  count(COUNTERS.inputTokens, whole(usage.input))
  count(COUNTERS.outputTokens, whole(usage.output))
  count(COUNTERS.cacheReadTokens, whole(usage.cacheRead))
  count(COUNTERS.cacheWriteTokens, whole(usage.cacheWrite))
  count(COUNTERS.reasoningTokens, whole(usage.reasoning))
  const costNanoUsd = whole(span.costNanoUsd)
  count(costNanoUsd === null ? COUNTERS.unpricedCalls : COUNTERS.pricedCalls, 1)
  count(COUNTERS.costNanoUsd, costNanoUsd)
  sample(HISTOGRAMS.latencyUs, whole(span.durationUs))
  sample(HISTOGRAMS.ttftUs, whole(span.ttftUs))
  sample(HISTOGRAMS.outputRate, outputRateOf(span))
  sample(HISTOGRAMS.inputTokens, whole(usage.input))
  sample(HISTOGRAMS.outputTokens, whole(usage.output))
}

/** Output tokens over the time after the first token, of streamed calls only. */
function outputRateOf(span: FoldableSpan): number | null {
  const output = whole(span.usage.output)
  if (span.streaming !== true || output === null) return null
  if (span.durationUs === null || span.ttftUs === null) return null
  const generationUs = span.durationUs - span.ttftUs
  if (generationUs <= 0) return null
  return whole((output * 1e6 * OUTPUT_RATE_SCALE) / generationUs)
}

/** A count as rollups keep it; what no count can be is as good as not sent. */
function whole(value: number | null): number | null {
  if (value === null || !(value >= 0)) return null
  return Math.min(MAX_VALUE, Math.round(value))
}
