import { DRIFT_SIGNALS, MINUTE_MS } from '../contract/index.ts'
import type {
  DriftResult,
  DriftSignal,
  DriftSignalName,
  FilterTerm,
  TimeRange,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { DAY_MS, ceilTo, floorTo, tilesOf, unionTiles } from '../rollups/bucket.ts'
import { readRows } from '../rollups/read-rows.ts'
import type { Sketch } from '../rollups/sketch.ts'
import { tupleMatcher } from '../rollups/tuple-filter.ts'
import type { TupleMatcher } from '../rollups/tuple-filter.ts'
import { EVIDENCE_THRESHOLD, MIN_WINDOW_CALLS, scoreDrift } from './score-drift.ts'
import type { DriftScore } from './score-drift.ts'
import { SignalHistory, isGeneration } from './signal-history.ts'
import { adjustPValues } from './statistics/benjamini-hochberg.ts'

export type DriftQuery = {
  projectId: string
  range: TimeRange
  filter: readonly FilterTerm[]
}

const WINDOW_MINUTES = 10
const MAX_WINDOW_MINUTES = 60
const REFERENCE_MS = DAY_MS
const STRIP_BUCKETS = 30
const UNIT = 'tokens'
const NO_RANGE: TimeRange = { from: 0, to: 0 }

type Look = { endMs: number; window: TimeRange; current: Sketch; reference: TimeRange }
type SignalLooks = { signal: DriftSignalName; history: SignalHistory; looks: Look[] }
type Judged = { look: Look; nReference: number; score: DriftScore }

/**
 * Judges every signal at `range.to`, or now if that comes first, and at the end of each bucket of
 * the strip. A window is the last 10 complete minutes, widened to 60 for enough calls; its
 * reference the 24 h before it.
 */
export async function queryDrift(sql: Sql, query: DriftQuery): Promise<DriftResult> {
  const { projectId, range } = query
  const matches = matcherOf(query.filter)
  const { storedThroughMs } = await readRows(sql, {
    projectId,
    tiles: [],
    deltas: NO_RANGE,
    up: NO_RANGE,
  })
  const strip = stripBuckets(range)
  const lastEndMs = floorTo(Math.min(range.to, storedThroughMs), MINUTE_MS)
  const endsMs = strip.map((bucket) => bucket.endMs).filter((endMs) => endMs <= lastEndMs)
  const signals = await readSignals(sql, { projectId, matches, endsMs: [...endsMs, lastEndMs] })
  const answers = signals.map(({ signal, history, looks }) => {
    const judged = looks.map((look) => judge(history, look))
    const last = judged.at(-1)
    return last === undefined ? [] : [toSignal(signal, last, toStrip(strip, judged))]
  })
  return { storedThrough: storedThroughMs, signals: withQValues(answers.flat()) }
}

function matcherOf(filter: readonly FilterTerm[]): TupleMatcher {
  const matches = tupleMatcher(filter)
  if (matches === undefined) {
    throw new InvalidValueError(
      'drift is answered from rollups: filter by service environment release operation provider model prompt status error.type task type',
      'f',
    )
  }
  if (filter.some((term) => term.field === 'type')) return matches
  return (tuple) => isGeneration(tuple) && matches(tuple)
}

/** Windows of all looks first, as their width decides where the references end. */
async function readSignals(
  sql: Sql,
  input: { projectId: string; matches: TupleMatcher; endsMs: readonly number[] },
): Promise<SignalLooks[]> {
  const { projectId, matches, endsMs } = input
  const windows = await readTiles(
    sql,
    projectId,
    endsMs.map((endMs) => ({
      stepMs: MINUTE_MS,
      fromMs: endMs - MAX_WINDOW_MINUTES * MINUTE_MS,
      toMs: endMs,
    })),
  )
  const limits = {
    minMinutes: WINDOW_MINUTES,
    maxMinutes: MAX_WINDOW_MINUTES,
    minCalls: MIN_WINDOW_CALLS,
  }
  const signals = DRIFT_SIGNALS.map((signal) => {
    const recent = new SignalHistory(signal, matches)
    recent.add(windows)
    const looks = endsMs.map((endMs): Look => {
      const { sketch, fromMs } = recent.widen(endMs, limits)
      return {
        endMs,
        window: { from: fromMs, to: endMs },
        current: sketch,
        reference: { from: fromMs - REFERENCE_MS, to: fromMs },
      }
    })
    return { signal, looks }
  })
  const references = signals.flatMap(({ looks }) => looks.map((look) => look.reference))
  const past = await readTiles(
    sql,
    projectId,
    references.flatMap(({ from, to }) => tilesOf(from, to)),
  )
  return signals.map(({ signal, looks }) => {
    const history = new SignalHistory(signal, matches)
    history.add(past)
    return { signal, history, looks }
  })
}

async function readTiles(
  sql: Sql,
  projectId: string,
  tiles: ReturnType<typeof tilesOf>,
): Promise<Awaited<ReturnType<typeof readRows>>['rows']> {
  const deltas = {
    from: Math.min(...tiles.map((tile) => tile.fromMs)),
    to: Math.max(...tiles.map((tile) => tile.toMs)),
  }
  const stored = await readRows(sql, { projectId, tiles: unionTiles(tiles), deltas, up: NO_RANGE })
  return stored.rows
}

function judge(history: SignalHistory, look: Look): Judged {
  const { sketch, firstMs } = history.sum(tilesOf(look.reference.from, look.reference.to))
  const referenceMs = firstMs === null ? 0 : look.reference.to - firstMs
  const score = scoreDrift({ current: look.current, reference: sketch, referenceMs, unit: UNIT })
  return { look, nReference: sketch.n, score }
}

/** At most 30 buckets of whole minutes over the range, each judged at its end. */
function stripBuckets(range: TimeRange): { t: number; endMs: number }[] {
  const widthMs = ceilTo(Math.max(MINUTE_MS, (range.to - range.from) / STRIP_BUCKETS), MINUTE_MS)
  const buckets: { t: number; endMs: number }[] = []
  for (let t = floorTo(range.from, MINUTE_MS); t < range.to; t += widthMs) {
    buckets.push({ t, endMs: Math.min(t + widthMs, floorTo(range.to, MINUTE_MS)) })
  }
  return buckets.filter((bucket) => bucket.endMs > bucket.t)
}

function toStrip(
  buckets: ReturnType<typeof stripBuckets>,
  judged: readonly Judged[],
): DriftSignal['strip'] {
  return buckets.flatMap(({ t, endMs }) => {
    const found = judged.find(({ look }) => look.endMs === endMs)
    if (found === undefined) return []
    return [{ t, evidence: found.score.evidence, verdict: found.score.verdict }]
  })
}

function toSignal(
  signal: DriftSignalName,
  { look, nReference, score }: Judged,
  strip: DriftSignal['strip'],
): DriftSignal {
  return {
    signal,
    kind: 'numeric',
    unit: UNIT,
    n: look.current.n,
    nReference,
    statistic: 'psi_debiased',
    value: score.psi,
    interval: null,
    pValue: score.pValue,
    qValue: null,
    effect: { text: score.text, ...score.medians, unit: UNIT },
    evidence: score.evidence,
    threshold: EVIDENCE_THRESHOLD,
    verdict: score.verdict,
    window: look.window,
    reference: look.reference,
    contributions: score.contributions,
    slices: [],
    strip,
  }
}

/** False discovery rate over the signals that could be judged. */
function withQValues(signals: DriftSignal[]): DriftSignal[] {
  const tested = signals.filter((signal) => signal.pValue !== null)
  const qValues = adjustPValues(tested.map((signal) => signal.pValue ?? 1))
  const qBySignal = new Map(tested.map((signal, i) => [signal.signal, qValues[i] ?? null]))
  return signals.map((signal) => ({ ...signal, qValue: qBySignal.get(signal.signal) ?? null }))
}
