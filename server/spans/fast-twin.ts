import type { TraceSummary, TraceUsual } from '../contract/index.ts'
import type { Sibling } from './read-siblings.ts'

type Usual = { medianDurationMs: number | null; n: number }

const MAX_NAME_LENGTH = 80

/** Of the traces like this one that went well and no slower than the median, the nearest in time. */
export function fastTwinOf(
  trace: Pick<TraceSummary, 'name' | 'startTime'>,
  siblings: readonly Sibling[],
  { medianDurationMs, n }: Usual,
): TraceUsual['fastTwin'] {
  if (medianDurationMs === null) return null
  const awayMs = (sibling: Sibling): number => Math.abs(sibling.startTime - trace.startTime)
  const [twin] = siblings
    .filter(({ isError, durationMs }) => !isError && durationMs <= medianDurationMs)
    .toSorted((a, b) => awayMs(a) - awayMs(b) || a.startTime - b.startTime)
  if (twin === undefined) return null
  const { traceId, startTime, durationMs } = twin
  const of = n === 1 ? `1 ${clip(trace.name)} trace` : `${n} ${clip(trace.name)} traces`
  const side = startTime <= trace.startTime ? 'before' : 'after'
  const reason =
    `ok, ${lengthText(durationMs)} against the median of ${lengthText(medianDurationMs)} ` +
    `of ${of}, started ${lengthText(awayMs(twin))} ${side}`
  return { traceId, startTime, durationMs, reason }
}

function lengthText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 99_950) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, '')} s`
  if (ms < 5_970_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

function clip(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name
}
