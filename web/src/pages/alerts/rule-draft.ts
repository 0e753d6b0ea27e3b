import {
  METRIC_UNITS,
  parseFilterTerm,
  type CompareOp,
  type MetricName,
  type RuleInput,
} from '@sightline/server/contract'

/** The sentence as typed: texts, in the units a reader thinks in. */
export type RuleDraft = {
  name: string
  metric: MetricName
  op: CompareOp
  critical: string
  warn: string
  recover: string
  field: string
  value: string
  /** More filters, which came with the address and are only shown and dropped here. */
  filters: readonly string[]
  windowMin: number
  forMin: string
  keepFiringMin: string
  minSamples: string
  channels: string[]
}

export const EMPTY_DRAFT: RuleDraft = {
  name: '',
  metric: 'latency_p95',
  op: 'gt',
  critical: '',
  warn: '',
  recover: '',
  field: '',
  value: '',
  filters: [],
  windowMin: 5,
  forMin: '0',
  keepFiringMin: '0',
  minSamples: '20',
  channels: [],
}

export const METRIC_LABELS: Record<MetricName, string> = {
  requests: 'requests',
  errors: 'errors',
  tokens_input: 'input tokens',
  tokens_output: 'output tokens',
  tokens_cache_read: 'cached input tokens',
  tokens_cache_write: 'tokens written to cache',
  tokens_reasoning: 'reasoning tokens',
  tokens_total: 'all tokens',
  cost: 'cost',
  error_rate: 'error rate',
  cache_hit_rate: 'cache hit rate',
  latency_avg: 'average latency',
  latency_p50: 'p50 latency',
  latency_p90: 'p90 latency',
  latency_p95: 'p95 latency',
  latency_p99: 'p99 latency',
  ttft_p50: 'p50 first token',
  ttft_p95: 'p95 first token',
  ttft_p99: 'p99 first token',
  output_tokens_per_second_p50: 'p50 output tokens per second',
  cost_per_request: 'cost per request',
}

export const OP_LABELS: Record<CompareOp, string> = {
  gt: 'over',
  gte: 'at or over',
  lt: 'under',
  lte: 'at or under',
}

/** Fields a sentence has words for. */
export const DRAFT_FIELDS = ['service', 'model', 'environment', 'provider', 'operation', 'release']

type Begun = {
  metric: MetricName
  op?: CompareOp | undefined
  critical?: string | undefined
  filters: readonly string[]
}

/** A rule begun elsewhere: a chart's metric, a limit in the metric's own unit, a page's filters. */
export function draftOf({ metric, op = 'gt', critical, filters }: Begun): RuleDraft {
  const terms = filters.map((raw) => ({ raw, parsed: parseFilterTerm(raw) }))
  const spoken = terms.find(
    ({ parsed }) =>
      parsed.status === 'ok' && parsed.term.op === 'eq' && DRAFT_FIELDS.includes(parsed.term.field),
  )
  const term = spoken?.parsed.status === 'ok' ? spoken.parsed.term : undefined
  return {
    ...EMPTY_DRAFT,
    metric,
    op,
    critical:
      critical === undefined ? '' : String(round(Number(critical) / typedUnit(metric).factor)),
    field: term?.field ?? '',
    value: term?.value ?? '',
    filters: filters.filter((raw) => raw !== spoken?.raw),
  }
}

/** Unit a threshold is typed in, and what one of it is in the metric's own unit. */
export function typedUnit(metric: MetricName): { label: string; factor: number } {
  switch (METRIC_UNITS[metric]) {
    case 'ratio':
      return { label: '%', factor: 0.01 }
    case 'ms':
      return { label: 'ms', factor: 1 }
    case 'USD':
      return { label: 'USD', factor: 1 }
    case '1/s':
      return { label: '/s', factor: 1 }
    case '1':
      return { label: '', factor: 1 }
  }
}

export type DraftProblem = { field: keyof RuleDraft; message: string }
export type DraftResult =
  | { status: 'ok'; rule: RuleInput }
  | { status: 'invalid'; problems: DraftProblem[] }

export function ruleOf(draft: RuleDraft): DraftResult {
  const { factor } = typedUnit(draft.metric)
  const problems: DraftProblem[] = []
  const read = (field: 'critical' | 'warn' | 'recover'): number | undefined => {
    if (draft[field].trim() === '') return undefined
    const value = Number(draft[field])
    if (!Number.isFinite(value))
      problems.push({ field, message: `'${draft[field]}' is not a number` })
    return round(value * factor)
  }
  const whole = (field: 'forMin' | 'keepFiringMin' | 'minSamples'): number => {
    const value = draft[field].trim() === '' ? 0 : Number(draft[field])
    if (!Number.isInteger(value) || value < 0)
      problems.push({ field, message: `'${draft[field]}' is not a whole number from 0 on` })
    return value
  }
  const critical = read('critical')
  const warn = read('warn')
  const recover = read('recover')
  if (critical === undefined && warn === undefined)
    problems.push({ field: 'critical', message: 'Type the limit, or a warning limit' })
  if (draft.field !== '' && draft.value.trim() === '')
    problems.push({ field: 'value', message: `Type which ${draft.field}` })
  const rule: RuleInput = {
    name: draft.name.trim() === '' ? sentenceOf(draft) : draft.name.trim(),
    enabled: true,
    severity: critical === undefined ? 'warning' : 'critical',
    condition: {
      kind: 'threshold',
      metric: draft.metric,
      op: draft.op,
      ...(critical === undefined ? {} : { critical }),
      ...(warn === undefined ? {} : { warn }),
      ...(recover === undefined ? {} : { recover }),
      filter: [
        ...(draft.field === '' ? [] : [`${draft.field}:eq:${draft.value.trim()}`]),
        ...draft.filters,
      ],
      groupBy: [],
      windowMs: draft.windowMin * 60_000,
      stepMs: 60_000,
      delayMs: 'auto',
      minSamples: whole('minSamples'),
    },
    forMs: whole('forMin') * 60_000,
    keepFiringMs: whole('keepFiringMin') * 60_000,
    onNoData: 'hold',
    onError: 'hold',
    channels: draft.channels,
  }
  return problems.length > 0 ? { status: 'invalid', problems } : { status: 'ok', rule }
}

/** `p95 latency over 4000 ms`, the name of a rule that was given none. */
function sentenceOf({ metric, op, critical, warn, field, value }: RuleDraft): string {
  const unit = typedUnit(metric).label
  const where = field === '' ? '' : ` of ${value.trim()}`
  const limit = critical.trim() === '' ? warn.trim() : critical.trim()
  return `${METRIC_LABELS[metric]}${where} ${OP_LABELS[op]} ${limit}${unit === '' || unit === '%' ? unit : ` ${unit}`}`
}

/** 0.01 × 29 is 0.29, not 0.29000000000000004. */
function round(value: number): number {
  return Number(value.toPrecision(12))
}
