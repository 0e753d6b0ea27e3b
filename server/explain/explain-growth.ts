import { formatFilterTerm } from '../contract/index.ts'
import type {
  ExplainResult,
  FilterTerm,
  MetricName,
  MetricScope,
  TimeRange,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin } from '../db/read-within.ts'
import { rankItems } from './rank-items.ts'
import { readSample } from './read-sample.ts'
import { worseKindOf, worsePartOf } from './worse-part.ts'

export type ExplainQuery = {
  projectId: string
  metric: MetricName
  scope: MetricScope
  range: TimeRange
  baseline: TimeRange
  filter: readonly FilterTerm[]
}

/** What the worse traces or calls of a range have that those of a baseline have not. */
export async function explainGrowth(sql: Sql, query: ExplainQuery): Promise<ExplainResult> {
  const { metric, scope, range, baseline, filter } = query
  const kind = worseKindOf(metric)
  const { now, before, storedThrough } = await readWithin(sql, async (read) => {
    // The transaction's start, and so no later than its snapshot.
    const [clock] = await read<{ at: number }[]>`select sightline_now(now()) as at`
    return {
      storedThrough: Math.floor(clock?.at ?? 0),
      now: await readSample(read, { ...query, range }),
      before: await readSample(read, { ...query, range: baseline }),
    }
  })
  const units = { range: now.units, baseline: before.units }
  const worse = worsePartOf(kind, scope, units)
  const terms = [...filter, ...callTerms(scope), ...worse.terms]
  return {
    metric,
    scope,
    from: range.from,
    to: range.to,
    baselineFrom: baseline.from,
    baselineTo: baseline.to,
    worse: worse.words,
    f: [...new Set(terms.map(formatFilterTerm))],
    nWorse: now.units.filter((unit) => worse.holds(unit)).length,
    n: now.units.length,
    nBaseline: before.units.length,
    isComplete: now.isComplete && before.isComplete,
    storedThrough,
    items: rankItems({ kind, scope, worse, ...units }),
  }
}

/** Lists of spans hold more than model calls. */
function callTerms(scope: MetricScope): FilterTerm[] {
  return scope === 'call' ? [{ field: 'type', op: 'in', value: 'llm,embedding' }] : []
}
