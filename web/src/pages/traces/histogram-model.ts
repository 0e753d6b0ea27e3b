import {
  isSumMetric,
  MINUTE_MS,
  type LiveMetricEntry,
  type MetricResult,
} from '@sightline/server/contract'
import { buildRows, type Row } from '../../charts/rows.ts'
import { completeRange, floorTo, type Window } from '../../lib/window.ts'
import type { Interval } from '../../live/merge.ts'

export type Histogram = {
  rows: Row[]
  stepMs: number
  /** Buckets from here on may still grow. */
  completeTo: number
  /** Traces of the complete buckets. */
  ok: number
  failed: number
}

const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440] as const
const MAX_BARS = 120

/** The page's range in fewer and wider buckets: a bar needs more room than a point of a line. */
export function histogramWindow(window: Window): Window {
  const fits = STEPS_MIN.find((min) => window.lengthMs / (min * MINUTE_MS) <= MAX_BARS)
  const stepMs = (fits ?? 1_440) * MINUTE_MS
  const lengthMs = Math.ceil(window.lengthMs / stepMs) * stepMs
  if (window.status === 'rolling') return { status: 'rolling', lengthMs, stepMs }
  return { status: 'fixed', from: window.from, to: window.from + lengthMs, lengthMs, stepMs }
}

/** `attr.KEY` is in the narrow rows for `eq` and `in` alone. */
const IN_BODIES = /^(text:|attr\.[^:]*:(?!eq:|in:))/

/** Bodies are searched for the list alone: counting them all would take as long as reading them. */
export function countedFilters(f: readonly string[]): readonly string[] {
  const counted = f.filter((raw) => !IN_BODIES.test(raw))
  return counted.length === f.length ? f : counted
}

export function histogramEntry(window: Window, f: readonly string[]): LiveMetricEntry {
  return {
    metric: 'requests',
    step: window.stepMs,
    groupBy: ['status'],
    scope: 'trace',
    ...(f.length > 0 ? { f: [...f] } : {}),
  }
}

type HistogramInput = {
  window: Window
  result: MetricResult
  up: readonly Interval[]
  storedThrough: number
}

export function histogramModel({ window, result, up, storedThrough }: HistogramInput): Histogram {
  const { stepMs } = window
  const points = result.series.flatMap((series) => series.points).toSorted((a, b) => a.t - b.t)
  const complete = completeRange(window, storedThrough, points)
  const last =
    window.status === 'fixed'
      ? window.to - stepMs
      : Math.max(complete.to, floorTo(storedThrough, stepMs))
  const pointsOf = (status: string) =>
    result.series.find(({ group }) => group['status'] === status)?.points ?? []
  const empty = isSumMetric(result.metric) ? 0 : null
  const rows = buildRows({ from: complete.from, last, stepMs, up }, [
    { key: 'ok', points: pointsOf('ok'), empty },
    { key: 'error', points: pointsOf('error'), empty },
  ])
  const sum = (key: string) =>
    rows.reduce((total, row) => total + (row.t < complete.to ? (row.values[key] ?? 0) : 0), 0)
  return { rows, stepMs, completeTo: complete.to, ok: sum('ok'), failed: sum('error') }
}
