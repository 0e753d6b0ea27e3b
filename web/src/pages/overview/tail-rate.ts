/** What one frame of the tail brought: traces never seen before, and the share it showed. */
export type TailTick = { at: number; fresh: number; sampled: number; keepsErrors: boolean }
export type TailRate = {
  /** New traces a second over the last ten seconds, those not shown included. */
  perSecond: number
  /** One in so many is shown. */
  oneIn: number
  keepsErrors: boolean
}

const OVER_MS = 10_000
const LEAST_MS = 3_000

export function withTick(ticks: readonly TailTick[], tick: TailTick): TailTick[] {
  return [...ticks.filter(({ at }) => at > tick.at - OVER_MS), tick]
}

/** Null while too little time has passed since the tail began to say anything. */
export function tailRate(
  ticks: readonly TailTick[],
  { since, now }: { since: number; now: number },
): TailRate | null {
  const overMs = Math.min(OVER_MS, now - since)
  if (overMs < LEAST_MS) return null
  const recent = ticks.filter(({ at }) => at > now - OVER_MS)
  const shown = recent.reduce((sum, { fresh }) => sum + fresh, 0)
  const all = recent.reduce((sum, { fresh, sampled }) => sum + fresh / Math.max(sampled, 1e-6), 0)
  return {
    perSecond: all / (overMs / 1_000),
    oneIn: shown === 0 ? 1 : all / shown,
    keepsErrors: recent.every(({ keepsErrors }) => keepsErrors),
  }
}
