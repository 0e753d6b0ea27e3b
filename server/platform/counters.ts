export type Labels = Readonly<Record<string, string>>

/** Counters of our own health, as `GET /metrics` shows them. */
export type Counters = {
  inc(name: string, labels?: Labels, by?: number): void
  /** Prometheus text format 0.0.4. */
  render(): string
}

/** A label whose values have no end must not fill the memory: what comes later is one line. */
const MAX_SERIES = 1_000

export function createCounters(): Counters {
  const values = new Map<string, number>()
  return {
    inc(name, labels = {}, by = 1) {
      const wanted = seriesOf(name, labels)
      const series =
        values.has(wanted) || values.size < MAX_SERIES ? wanted : 'sightline_other_events_total'
      values.set(series, (values.get(series) ?? 0) + by)
    },
    render: () => [...processLines(), ...counterLines(values)].join('\n') + '\n',
  }
}

function processLines(): string[] {
  const startedAtS = Date.now() / 1_000 - process.uptime()
  return [
    '# TYPE process_start_time_seconds gauge',
    `process_start_time_seconds ${startedAtS.toFixed(3)}`,
    '# TYPE process_uptime_seconds gauge',
    `process_uptime_seconds ${process.uptime().toFixed(3)}`,
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
  ]
}

function counterLines(values: ReadonlyMap<string, number>): string[] {
  const lines: string[] = []
  let family = ''
  for (const [series, value] of [...values].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const name = series.split('{', 1)[0] ?? series
    if (name !== family) lines.push(`# TYPE ${name} counter`)
    family = name
    lines.push(`${series} ${value}`)
  }
  return lines
}

function seriesOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.slice(0, 200).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
