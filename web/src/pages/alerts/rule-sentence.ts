import { isScoreMetric, parseFilterTerm, unitOfMetric, type Rule } from '@sightline/server/contract'
import { metricText, spanText } from '../../lib/format.ts'
import { METRIC_LABELS, OP_LABELS } from './rule-draft.ts'

/** What a stored rule says, in one sentence. */
export function ruleSentence({ condition, forMs }: Pick<Rule, 'condition' | 'forMs'>): string {
  const { metric, op, critical, warn, recover, filter, groupBy, windowMs, minSamples } = condition
  const unit = unitOfMetric(metric)
  const where = filter.map(filterText).join(' and ')
  const limits = [
    critical === undefined ? '' : `${OP_LABELS[op]} ${metricText(critical, unit)}`,
    warn === undefined ? '' : `warn at ${metricText(warn, unit)}`,
    recover === undefined ? '' : `recover at ${metricText(recover, unit)}`,
  ].filter((text) => text !== '')
  const parts = [
    `${isScoreMetric(metric) ? metric : METRIC_LABELS[metric]}${where === '' ? '' : ` where ${where}`} ${limits.join(', ')}`,
    `window ${spanText(windowMs)}`,
    ...(forMs > 0 ? [`for ${spanText(forMs)}`] : []),
    ...(groupBy.length > 0 ? [`by ${groupBy.join(', ')}`] : []),
    ...(minSamples > 0 ? [`at least ${minSamples} calls`] : []),
  ]
  return parts.join(', ')
}

function filterText(raw: string): string {
  const parsed = parseFilterTerm(raw)
  if (parsed.status === 'invalid') return raw
  const { field, op, value } = parsed.term
  return op === 'eq' ? `${field} is ${value}` : `${field} ${op} ${value}`
}

export function groupText(group: Record<string, string | null>): string {
  return Object.entries(group)
    .map(([key, value]) => `${key} ${value ?? 'none'}`)
    .join(', ')
}
