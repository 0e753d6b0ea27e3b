import { useMemo, useState } from 'react'
import type { ChartSeries } from './chart-series.ts'

export type SeriesSelection = {
  visible: readonly ChartSeries[]
  isVisible: (key: string) => boolean
  /** Only this one; the one that stands alone brings all back. */
  isolate: (key: string) => void
  /** Hides one, or shows it again. */
  toggle: (key: string) => void
}

/** Which series of a chart are drawn. A hidden name stays hidden while series come and go. */
export function useSeriesSelection(series: readonly ChartSeries[]): SeriesSelection {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const visible = useMemo(() => visibleOf(series, hidden), [series, hidden])
  return {
    visible,
    isVisible: (key) => visible.some((one) => one.key === key),
    isolate: (key) => setHidden(afterIsolate(series, hidden, key)),
    toggle: (key) => setHidden(afterToggle(hidden, key)),
  }
}

/** Never none: with everything hidden nothing could be read off, so all are shown. */
export function visibleOf(
  series: readonly ChartSeries[],
  hidden: ReadonlySet<string>,
): readonly ChartSeries[] {
  const visible = series.filter(({ key }) => !hidden.has(key))
  return visible.length === 0 || visible.length === series.length ? series : visible
}

export function afterIsolate(
  series: readonly ChartSeries[],
  hidden: ReadonlySet<string>,
  key: string,
): ReadonlySet<string> {
  const visible = visibleOf(series, hidden)
  if (visible.length === 1 && visible[0]?.key === key) return new Set()
  return new Set(series.map((one) => one.key).filter((one) => one !== key))
}

function afterToggle(hidden: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return hidden.has(key)
    ? new Set([...hidden].filter((one) => one !== key))
    : new Set([...hidden, key])
}
