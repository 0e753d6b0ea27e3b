import {
  isScoreMetric,
  parseStep,
  type AnyMetricName,
  type GroupField,
  type LiveUpdate,
  type MetricResult,
  type MetricScope,
  type TimeRange,
} from '../contract/index.ts'
import type { FilterTerm } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { DirtyMinutes, settledBuckets } from './coalesce.ts'
import { SentPoints } from './sent-points.ts'

export type FeedEntry = {
  metric: AnyMetricName
  stepMs: number
  groupBy: readonly GroupField[]
  filter: readonly FilterTerm[]
  scope: MetricScope
}

export type FeedQuery = Omit<FeedEntry, 'stepMs'> & {
  projectId: string
  range: TimeRange
  stepMs: number
}

/** What the feeds need of other slices. */
export type MetricSource = {
  queryMetrics(queries: FeedQuery[]): Promise<MetricResult[]>
  latenessMs(projectId: string): Promise<number>
  /** The minutes whose scores changed since an earlier look; null = from now on. */
  scoreNews(
    projectId: string,
    sinceMs: number | null,
  ): Promise<{ minutesMs: number[]; readAtMs: number }>
}

/** One `subscribe` of one socket. */
export type MetricFeed = {
  id: string
  projectId: string
  /** A whole minute. */
  fromMs: number
  entries: FeedEntry[]
  seq: number
  storedThrough: number
  sentAtMs: number
  /** Minutes with news of calls, of whole traces, and of scores. */
  dirty: Record<MetricScope | 'score', DirtyMinutes>
  /** When scores were last looked at; null without an entry about them. */
  scoresReadAtMs: number | null
  /** By index of the entry. */
  sent: Map<number, SentPoints>
}

/** Without news a frame still goes out this often, so that a page knows how far behind it is. */
const HEARTBEAT_MS = 2_000
/** The spans that tell one call come close together; what is corrected later is seen on reload. */
const CORRECTED_WITHIN_MS = 15 * 60_000

export function liveStepMs(step: string | number): number {
  const stepMs = parseStep(String(step))
  if (typeof stepMs !== 'number') {
    throw new InvalidValueError(
      `step ${JSON.stringify(step)} is not a step like 1m, 5m, 1h`,
      'step',
    )
  }
  return stepMs
}

/** The whole answer from the feed's `fromMs` to `nowMs`; the ack of `subscribe`. */
export async function snapshotOf(
  feed: MetricFeed,
  source: MetricSource,
  nowMs: number,
): Promise<MetricResult[]> {
  const range = { from: feed.fromMs, to: Math.max(nowMs, feed.fromMs + 1) }
  if (feed.entries.some(({ metric }) => isScoreMetric(metric))) {
    feed.scoresReadAtMs = (await source.scoreNews(feed.projectId, null)).readAtMs
  }
  const results = await source.queryMetrics(
    feed.entries.map((entry) => ({ ...entry, projectId: feed.projectId, range })),
  )
  feed.storedThrough = Math.min(...results.map((result) => result.storedThrough))
  feed.sentAtMs = nowMs
  for (const [entry, result] of results.entries()) seriesOf(feed, { entry, result, range })
  return results
}

/**
 * Frames for the feeds of one project that have news. Feeds that ask the same share the query, and
 * all queries share one database snapshot, so every point equals what the API answers at the same
 * `storedThrough`. What is stored while the query runs stays news for the next frame, and so does
 * everything when the query fails.
 */
export async function framesOf(
  feeds: MetricFeed[],
  source: MetricSource,
  nowMs: number,
): Promise<Map<MetricFeed, LiveUpdate>> {
  await markScores(feeds, source)
  const taken = new Map(feeds.map((feed) => [feed, takeDirty(feed)]))
  try {
    return await answerNews(taken, source, nowMs)
  } catch (error) {
    for (const [feed, { call, trace, score }] of taken) {
      feed.dirty.call.addAll(call)
      feed.dirty.trace.addAll(trace)
      feed.dirty.score.addAll(score)
    }
    throw error
  }
}

/** Scores are looked for only while somebody follows them: spans may change them, too. */
async function markScores(feeds: readonly MetricFeed[], source: MetricSource): Promise<void> {
  const followers = feeds.filter((feed) => feed.scoresReadAtMs !== null)
  const [first] = followers
  if (first === undefined) return
  const sinceMs = Math.min(...followers.map((feed) => feed.scoresReadAtMs ?? Infinity))
  const { minutesMs, readAtMs } = await source.scoreNews(first.projectId, sinceMs)
  for (const feed of followers) {
    for (const minuteMs of minutesMs) feed.dirty.score.add(minuteMs)
    feed.scoresReadAtMs = readAtMs
  }
}

function takeDirty(feed: MetricFeed): MetricFeed['dirty'] {
  const { dirty } = feed
  feed.dirty = nothingDirty()
  return dirty
}

export function nothingDirty(): MetricFeed['dirty'] {
  return { call: new DirtyMinutes(), trace: new DirtyMinutes(), score: new DirtyMinutes() }
}

type AskedKey = { key: string; entry: number; range: TimeRange }

async function answerNews(
  newsByFeed: Map<MetricFeed, MetricFeed['dirty']>,
  source: MetricSource,
  nowMs: number,
): Promise<Map<MetricFeed, LiveUpdate>> {
  const [first] = newsByFeed.keys()
  if (first === undefined) return new Map()
  const latenessMs = await source.latenessMs(first.projectId)
  const wanted = new Map<string, FeedQuery>()
  const keysByFeed = new Map<MetricFeed, AskedKey[]>()
  for (const [feed, dirty] of newsByFeed) {
    const keys = feed.entries.flatMap((entry, index) =>
      rangesOf({ feed, dirty }, entry, { nowMs, latenessMs }).map((range) => {
        const query = { ...entry, projectId: feed.projectId, range }
        const key = JSON.stringify(query)
        wanted.set(key, query)
        return { key, entry: index, range }
      }),
    )
    if (keys.length > 0) keysByFeed.set(feed, keys)
  }
  if (wanted.size === 0) return new Map()
  const results = await source.queryMetrics([...wanted.values()])
  const resultByKey = new Map([...wanted.keys()].map((key, at) => [key, results[at]]))
  return new Map(
    [...keysByFeed].map(([feed, keys]) => [feed, frameOf(feed, keys, { resultByKey, nowMs })]),
  )
}

function rangesOf(
  { feed, dirty }: { feed: MetricFeed; dirty: MetricFeed['dirty'] },
  entry: FeedEntry,
  { nowMs, latenessMs }: { nowMs: number; latenessMs: number },
): TimeRange[] {
  const { fromMs, storedThrough, sentAtMs } = feed
  const news = new DirtyMinutes()
  news.addAll(dirty[isScoreMetric(entry.metric) ? 'score' : entry.scope])
  const seen = { previousMs: storedThrough, nowMs, latenessMs }
  for (const start of settledBuckets({ fromMs, stepMs: entry.stepMs }, seen)) news.add(start)
  if (nowMs - sentAtMs >= HEARTBEAT_MS) news.add(nowMs)
  return news.bucketRanges(fromMs, entry.stepMs)
}

function frameOf(
  feed: MetricFeed,
  keys: AskedKey[],
  { resultByKey, nowMs }: { resultByKey: Map<string, MetricResult | undefined>; nowMs: number },
): LiveUpdate {
  const answers = keys.flatMap(({ key, entry, range }) => {
    const result = resultByKey.get(key)
    return result === undefined ? [] : [{ entry, result, range }]
  })
  feed.seq += 1
  feed.sentAtMs = nowMs
  feed.storedThrough = Math.min(...answers.map(({ result }) => result.storedThrough))
  return {
    id: feed.id,
    seq: feed.seq,
    storedThrough: feed.storedThrough,
    series: answers.flatMap((answer) => {
      const { entry, result } = answer
      return seriesOf(feed, answer).map((series) => ({ ...series, metric: result.metric, entry }))
    }),
    up: answers[0]?.result.up ?? [],
  }
}

/**
 * What an answer tells a page, and which points it has to empty: any of whole traces and of scores,
 * the latest ones of calls, which only a correction takes away.
 */
function seriesOf(
  feed: MetricFeed,
  { entry, result, range }: { entry: number; result: MetricResult; range: TimeRange },
): MetricResult['series'] {
  const isOfCalls = result.scope === 'call' && !isScoreMetric(result.metric)
  const keptMs = isOfCalls ? CORRECTED_WITHIN_MS + result.stepMs : Infinity
  const sent = feed.sent.get(entry) ?? new SentPoints({ keptMs })
  feed.sent.set(entry, sent)
  return sent.complete(result, range)
}
