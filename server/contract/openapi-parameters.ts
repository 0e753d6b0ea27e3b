import { FILTER_FIELDS, FILTER_OPS, MAX_FILTER_TERMS } from './filter.ts'
import { METRIC_NAMES, TRACE_GROUP_FIELDS, TRACE_METRICS } from './metric.ts'

export type Json = { [key: string]: unknown }

const METRIC_DESCRIPTION =
  "The metric. `otel.NAME` is a series of a model server (gen_ai.server.* or vllm:*): of a gauge the mean of the last values, of a counter its increase, of a histogram the median, or with .p50 .p90 .p95 .p99 .avg .sum .count what that says; its unit is the sender's, groupBy takes attribute keys or service, f takes service and attr.KEY with eq ne in exists."
export const RANGE = [
  query('from', 'Start, epoch ms or ISO 8601; default one hour before `to`.'),
  query('to', 'End (not included), epoch ms or ISO 8601; default now.'),
]
export const FILTER = query(
  'f',
  `Repeated field:op:value, all must hold. Fields: ${FILTER_FIELDS.join(' ')} attr.KEY. Operators: ${FILTER_OPS.join(' ')}.`,
  { type: 'array', items: { type: 'string' }, maxItems: MAX_FILTER_TERMS },
)
export const SCOPE = query(
  'scope',
  `What is counted; traces have ${TRACE_METRICS.join(' ')}, grouped by ${TRACE_GROUP_FIELDS.join(' ')}.`,
  { enum: ['call', 'trace'], default: 'call' },
)
export const PROJECT = query('project', 'Project, else header x-sightline-project, else `default`.')
export const LIMIT = query('limit', 'Items in one answer.', {
  type: 'integer',
  minimum: 1,
  maximum: 1_000,
  default: 50,
})
export const PAGE_OF_SPANS = { type: 'integer', minimum: 1, maximum: 5_000, default: 5_000 }
export const CURSOR = query('cursor', '`nextCursor` of the answer before.')
export const TRACE_SORT = query('sort', 'Order of the list.', {
  enum: ['-startTime', 'startTime', '-durationMs', '-cost', '-tokens'],
  default: '-startTime',
})
export const LIST = [...RANGE, FILTER, LIMIT, CURSOR]

const METRIC_SCHEMAS = [
  { enum: METRIC_NAMES },
  { pattern: '^score_(avg|pass_rate)\\..{1,100}$' },
  { const: 'feedback_positive_rate' },
  { pattern: '^otel\\.(gen_ai\\.server\\.|vllm:)' },
]

export const METRIC = query('metric', METRIC_DESCRIPTION, { anyOf: METRIC_SCHEMAS }, true)

export function query(
  name: string,
  description: string,
  ...[schema, required]: [Json?, boolean?]
): Json {
  return {
    name,
    in: 'query',
    description,
    required: required ?? false,
    schema: schema ?? { type: 'string' },
  }
}
