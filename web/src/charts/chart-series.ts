export type ChartSeries = { key: string; label: string; color: string; width?: number }

/** A named limit drawn across a chart. */
export type Mark = { value: number; label: string; color: string }
