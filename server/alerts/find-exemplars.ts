import {
  OTHER_GROUP,
  type AnyMetricName,
  type EpochMs,
  type FilterTerm,
  type Incident,
  type RuleInput,
} from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { readWithin, type ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import type { MetricOptions } from '../rollups/query-metric.ts'
import { isHigherWorse } from './condition.ts'
import { parseRuleFilter } from './metric-source.ts'
import type { GroupLabels } from './rule-record.ts'

export type ExemplarQuery = {
  projectId: string
  input: RuleInput
  labels: GroupLabels
  tick: EpochMs
}

type ExemplarOptions = Required<Pick<MetricOptions, 'spanConditions' | 'traceRows'>>

const MAX_EXEMPLARS = 3
/** How much longer than the window a call may have run and still be found. */
const MAX_CALL_MS = 600_000

/** The calls of a window that speak most for what a rule saw; none where spans cannot tell. */
export async function findExemplars(
  sql: Sql,
  { spanConditions, traceRows }: ExemplarOptions,
  query: ExemplarQuery,
): Promise<Incident['exemplars']> {
  const { projectId, input, labels, tick } = query
  const { metric, windowMs, op, filter } = input.condition
  const terms = groupTerms(labels)
  if (terms === undefined) return []
  if (input.condition.scope === 'trace') return findTraces(sql, traceRows, query)
  const from = tick - windowMs
  const startedFrom = from - MAX_CALL_MS
  const rows = await readWithin(sql, async (read) => {
    const value = valueColumn(read, metric)
    if (value === undefined) return []
    return read<{ traceId: string; value: number }[]>`
      select s.trace_id, (${value})::float8 as value from spans s
      where s.slot = ${slotOf(projectId)} and s.project_id = ${projectId}
        and s.day between ${dayOf(startedFrom)}::date and ${dayOf(tick)}::date
        and s.started_at >= ${startedFrom} and s.started_at < ${tick}
        and s.ended_at >= ${from} and s.ended_at < ${tick}
        and s.type in ('llm', 'embedding') and s.flags & 1 <> 0 and s.flags & 16 = 0
        and (${value}) is not null and ${spanConditions(read, [...parseRuleFilter(filter), ...terms])}
      order by value ${isHigherWorse(op) ? read`desc` : read`asc`}, s.ended_at desc
      limit ${MAX_EXEMPLARS}`
  })
  return rows.map((row) => ({ traceId: row.traceId.replaceAll('-', ''), value: row.value }))
}

/** The traces that ended in a window and speak most for what a rule saw. */
async function findTraces(
  sql: Sql,
  traceRows: Required<MetricOptions>['traceRows'],
  { projectId, input, labels, tick }: ExemplarQuery,
): Promise<Incident['exemplars']> {
  const { metric, windowMs, op, filter } = input.condition
  return readWithin(sql, async (read) => {
    const value = traceColumn(read, metric)
    if (value === undefined) return []
    const traces = traceRows(read, {
      projectId,
      range: { from: tick - windowMs, to: tick },
      by: 'end',
      filter: parseRuleFilter(filter),
      columns: ['labels', 'totals', 'ttft'],
    })
    return read<Incident['exemplars']>`
      select replace(t.trace_id::text, '-', '') as trace_id, (${value})::float8 as value
      from ${traces}
      where (${value}) is not null and ${isInGroup(read, labels)}
      order by value ${isHigherWorse(op) ? read`desc` : read`asc`}, t.ended_at desc
      limit ${MAX_EXEMPLARS}`
  })
}

/** Groups of traces are by their root's values, which no filter term says. */
function isInGroup(read: ReadSql, labels: GroupLabels): ReturnType<ReadSql> {
  const columns: Record<string, ReturnType<ReadSql>> = {
    service: read`t.service`,
    environment: read`t.environment`,
    release: read`t.release`,
    status: read`case when t.is_error then 'error' else 'ok' end`,
  }
  return Object.entries(labels).reduce<ReturnType<ReadSql>>(
    (all, [field, value]) =>
      read`${all} and ${columns[field] ?? read`null`} is not distinct from ${value}::text`,
    read`true`,
  )
}

function traceColumn(read: ReadSql, metric: AnyMetricName): ReturnType<ReadSql> | undefined {
  if (metric.startsWith('latency_')) return read`t.duration_us / 1000.0`
  if (metric.startsWith('ttft_')) return read`t.ttft_us / 1000.0`
  switch (metric) {
    case 'errors':
    case 'error_rate':
      return read`case when t.is_error then 1 end`
    case 'cost':
    case 'cost_per_request':
      return read`t.cost_nano_usd / 1e9`
    case 'tokens_input':
      return read`t.input_tokens`
    case 'tokens_output':
      return read`t.output_tokens`
    case 'tokens_total':
      return read`t.total_tokens`
    default:
      return undefined
  }
}

/** What a call adds to the metric, in the metric's unit; undefined: no call stands out. */
function valueColumn(read: ReadSql, metric: AnyMetricName): ReturnType<ReadSql> | undefined {
  if (metric.startsWith('latency_')) return read`s.duration_us / 1000.0`
  if (metric.startsWith('ttft_')) return read`s.ttft_us / 1000.0`
  switch (metric) {
    case 'errors':
    case 'error_rate':
      return read`case when s.flags & 2 <> 0 then 1 end`
    case 'cost':
    case 'cost_per_request':
      return read`s.cost_nano_usd / 1e9`
    case 'tokens_input':
      return read`s.input_tokens`
    case 'tokens_output':
      return read`s.output_tokens`
    case 'tokens_total':
      return read`coalesce(s.input_tokens, 0) + coalesce(s.output_tokens, 0)`
    default:
      return undefined
  }
}

/** The group as filter terms; undefined where no filter says it. */
function groupTerms(labels: GroupLabels): FilterTerm[] | undefined {
  const terms: FilterTerm[] = []
  for (const [field, value] of Object.entries(labels)) {
    if (value === null || value === OTHER_GROUP) return undefined
    terms.push({ field, op: 'eq', value })
  }
  return terms
}

function dayOf(ms: EpochMs): string {
  return new Date(ms).toISOString().slice(0, 10)
}
