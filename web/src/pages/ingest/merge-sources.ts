import type { HealthSource } from '@sightline/server/contract'

export type SourceRow = Omit<HealthSource, 'source'> & {
  service: string | null
  sdk: string | null
  sdkVersion: string | null
  /** What its spans speak; none for what only told of dropped ones. */
  dialects: readonly string[]
}

/** One row per program: its spans may speak several dialects, and what it dropped speaks none. */
export function mergeSources(sources: readonly HealthSource[]): SourceRow[] {
  const groups = Map.groupBy(sources, ({ source: { service, sdk, sdkVersion } }) =>
    JSON.stringify([service, sdk, sdkVersion]),
  )
  return [...groups.values()].flatMap((parts) => {
    const [first] = parts
    if (first === undefined) return []
    const { service, sdk, sdkVersion } = first.source
    const total = (read: (part: HealthSource) => number): number =>
      parts.reduce((sum, part) => sum + read(part), 0)
    const newest = parts.reduce((one, part) => (part.lastSeenAt > one.lastSeenAt ? part : one))
    return [
      {
        service,
        sdk,
        sdkVersion,
        dialects: [
          ...new Set(parts.map(({ source }) => source.dialect).filter((one) => one !== '')),
        ],
        lastSeenAt: newest.lastSeenAt,
        silentForMs: parts.some(({ silentForMs }) => silentForMs === null)
          ? null
          : Math.min(...parts.map(({ silentForMs }) => silentForMs ?? 0)),
        spansPerSecond: total((part) => part.spansPerSecond),
        received: total((part) => part.received),
        rejected: total((part) => part.rejected),
        dropped: total((part) => part.dropped),
        unmapped: total((part) => part.unmapped),
      },
    ]
  })
}
