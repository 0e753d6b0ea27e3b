import { callCostNanoUsd } from './model-prices.ts'
import type { TokenUsage } from '../simulator/wire.ts'

/** What one model call came to; usage is undefined when the call failed. */
export type CallOutcome = { model: string; usage: TokenUsage | undefined }

/** One handled ticket, as the totals see it. */
export type TicketOutcome = { isFailed: boolean; calls: readonly CallOutcome[]; spans: number }

export type Totals = {
  requests: number
  failedRequests: number
  /** Model calls, failed ones included. */
  calls: number
  /** Failed model calls. */
  errors: number
  spans: number
  tokens: { input: number; output: number; cacheRead: number; reasoning: number }
  costUsd: Record<string, number>
  totalCostUsd: number
}

export type Tally = { add(outcome: TicketOutcome): void; totals(): Totals }

/** Counts exactly: money in whole nano-USD until it is shown. */
export function createTally(): Tally {
  const nanoUsdByModel = new Map<string, number>()
  const counts = { requests: 0, failedRequests: 0, calls: 0, errors: 0, spans: 0 }
  const tokens = { input: 0, output: 0, cacheRead: 0, reasoning: 0 }

  function addCall({ model, usage }: CallOutcome): void {
    counts.calls += 1
    if (usage === undefined) {
      counts.errors += 1
      return
    }
    tokens.input += usage.promptTokens
    tokens.output += usage.completionTokens
    tokens.cacheRead += usage.cachedTokens
    tokens.reasoning += usage.reasoningTokens
    const nanoUsd = callCostNanoUsd(model, usage)
    nanoUsdByModel.set(model, (nanoUsdByModel.get(model) ?? 0) + nanoUsd)
  }

  return {
    add({ isFailed, calls, spans }) {
      counts.requests += 1
      if (isFailed) counts.failedRequests += 1
      counts.spans += spans
      for (const call of calls) addCall(call)
    },
    totals() {
      const models = [...nanoUsdByModel].sort(([a], [b]) => (a < b ? -1 : 1))
      const total = models.reduce((sum, [, nanoUsd]) => sum + nanoUsd, 0)
      return {
        ...counts,
        tokens: { ...tokens },
        costUsd: Object.fromEntries(models.map(([model, nanoUsd]) => [model, nanoUsd / 1e9])),
        totalCostUsd: total / 1e9,
      }
    },
  }
}
