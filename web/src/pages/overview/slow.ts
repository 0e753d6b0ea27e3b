import type { TraceSummary } from '@sightline/server/contract'

export type Usual = { medianMs: number; n: number }

/** Slow is over this many times the median of the same name. */
const SLOW_FACTOR = 2
/** Under this many traces of a name nothing is called slow. */
const MIN_TRACES = 20

type Timed = Pick<TraceSummary, 'name' | 'durationMs' | 'status'>

/** The median duration of each name among the given traces, failed ones left out. */
export function usualDurations(traces: readonly Timed[]): Map<string, Usual> {
  const durations = new Map<string, number[]>()
  for (const { name, durationMs, status } of traces) {
    if (durationMs === null || status === 'error') continue
    const known = durations.get(name)
    if (known === undefined) durations.set(name, [durationMs])
    else known.push(durationMs)
  }
  return new Map(
    [...durations]
      .filter(([, values]) => values.length >= MIN_TRACES)
      .map(([name, values]) => [name, { medianMs: medianOf(values), n: values.length }]),
  )
}

export function isSlow({ durationMs, status }: Timed, usual: Usual | undefined): boolean {
  if (usual === undefined || durationMs === null || status === 'error') return false
  return durationMs > SLOW_FACTOR * usual.medianMs
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
