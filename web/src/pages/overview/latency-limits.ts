import type { Rule } from '@sightline/server/contract'
import type { Mark } from '../../charts/chart-series.ts'
import { durationText } from '../../lib/format.ts'

const MAX_MARKS = 3

/** Limits of the enabled rules that watch the same percentiles over the same calls. */
export function latencyLimits(rules: readonly Rule[], filters: readonly string[]): Mark[] {
  const wanted = [...filters].toSorted().join('\n')
  return rules
    .filter(
      ({ enabled, condition }) => enabled && condition.filter.toSorted().join('\n') === wanted,
    )
    .flatMap(({ condition: { metric, critical, warn } }) => {
      const name = /^latency_(p50|p95|p99)$/.exec(metric)?.[1]
      if (name === undefined) return []
      return [
        ...(critical === undefined ? [] : [limitOf(`${name} limit`, critical, 'var(--crit)')]),
        ...(warn === undefined ? [] : [limitOf(`${name} warning`, warn, 'var(--warn)')]),
      ]
    })
    .slice(0, MAX_MARKS)
}

function limitOf(name: string, value: number, color: string): Mark {
  return { value, label: `${name} ${durationText(value)}`, color }
}
