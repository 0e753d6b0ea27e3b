import * as z from 'zod/mini'
import type { EpochMs, MetricPoint, RuleInput } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { newIncidentId } from './alert-ids.ts'
import { readTicks, type MetricSource } from './metric-source.ts'
import { planEvaluation, type TickReading } from './plan-evaluation.ts'
import { groupKeyOf, type GroupLabels } from './rule-record.ts'

/** The rule is read apart, since its faults are told field by field. */
export const PreviewRange = z.object({ from: z.number(), to: z.number() })
export type Preview = {
  firings: {
    group: GroupLabels
    startAt: EpochMs
    endAt: EpochMs | null
    peak: number | null
    exemplars: never[]
  }[]
  /** Minutes in which any group fired. */
  minutes: number
  /** What each tick would have judged: `t` is the tick, the end of its window. */
  series: { group: GroupLabels; points: MetricPoint[] }[]
  source: 'rollups'
  suggestions: never[]
}

const MINUTE_MS = 60_000
const MAX_TICKS = 1_440
const TICKS_AT_ONCE = 120

/** Runs a rule over the ticks in `[from, to)` by the very functions that evaluate it live. */
export async function previewRule(
  source: MetricSource,
  input: { projectId: string; rule: RuleInput; from: EpochMs; to: EpochMs },
): Promise<Preview> {
  const { projectId, rule } = input
  const readings: TickReading[] = []
  const ticks = ticksWithin(input)
  for (let at = 0; at < ticks.length; at += TICKS_AT_ONCE) {
    const part = ticks.slice(at, at + TICKS_AT_ONCE)
    const read = await readTicks(source, { projectId, input: rule, ticks: part })
    readings.push(...read)
    if (read.length < part.length) break
  }
  const planned = {
    projectId,
    ruleId: 'preview',
    version: 1,
    input: rule,
    delayMs: 0,
    newIncidentId,
  }
  const plan = planEvaluation(planned, [], readings)
  const end = (readings.at(-1)?.tick ?? input.from) + rule.condition.stepMs
  return {
    firings: plan.incidents.map(({ labels, startAt, endAt, peak }) => ({
      group: labels,
      startAt,
      endAt,
      peak,
      exemplars: [],
    })),
    minutes: plan.incidents.reduce(
      (sum, { startAt, endAt }) => sum + ((endAt ?? end) - startAt) / MINUTE_MS,
      0,
    ),
    series: toSeries(plan.evaluations),
    source: 'rollups',
    suggestions: [],
  }
}

function ticksWithin({
  rule,
  from,
  to,
}: {
  rule: RuleInput
  from: EpochMs
  to: EpochMs
}): EpochMs[] {
  const { stepMs } = rule.condition
  if (!(to > from))
    throw new InvalidValueError(`to (${to}) must be later than from (${from})`, 'to')
  const count = Math.ceil((to - from) / stepMs)
  if (count > MAX_TICKS) {
    throw new InvalidValueError(
      `narrow the range: ${count} ticks asked, at most ${MAX_TICKS} are previewed`,
      'from',
    )
  }
  const ticks: EpochMs[] = []
  for (let tick = Math.ceil(from / stepMs) * stepMs; tick < to; tick += stepMs) ticks.push(tick)
  return ticks
}

function toSeries(
  evaluations: readonly { tick: EpochMs; labels: GroupLabels; value: number | null; n: number }[],
): Preview['series'] {
  const byGroup = new Map<string, Preview['series'][number]>()
  for (const { tick, labels, value, n } of evaluations) {
    const key = groupKeyOf(labels)
    const series = byGroup.get(key) ?? { group: labels, points: [] }
    series.points.push({ t: tick, value, n, partial: false })
    byGroup.set(key, series)
  }
  return [...byGroup.values()]
}
