import * as z from 'zod/mini'
import {
  Channel,
  ChannelInput,
  ChannelList,
  Incident,
  IncidentList,
  Rule,
  RuleInput,
  RuleList,
} from './alert.ts'
import { DriftResult } from './drift.ts'
import { ApiError } from './error.ts'
import { FILTER_FIELDS, FILTER_OPS, MAX_FILTER_TERMS } from './filter.ts'
import { GROUP_FIELDS, METRIC_NAMES, MetricResult } from './metric.ts'
import { Span, SpanList, SpanSummary } from './span.ts'
import { TraceDetail, TraceList, TraceSummary } from './trace.ts'

type Json = { [key: string]: unknown }
type Operation = {
  method: 'get' | 'post' | 'put' | 'delete'
  path: string
  summary: string
  parameters?: Json[]
  body?: string
  /** Name of the answer's schema; without one the answer has no body. */
  answer?: string
  status?: number
}

const ANSWERS = {
  ApiError,
  Channel,
  ChannelList,
  DriftResult,
  Incident,
  IncidentList,
  MetricResult,
  Rule,
  RuleList,
  Span,
  SpanList,
  SpanSummary,
  TraceDetail,
  TraceList,
  TraceSummary,
}
const BODIES = { ChannelInput, RuleInput }

const RANGE = [
  query('from', 'Start, epoch ms or ISO 8601; default one hour before `to`.'),
  query('to', 'End (not included), epoch ms or ISO 8601; default now.'),
]
const FILTER = query(
  'f',
  `Repeated field:op:value, all must hold. Fields: ${FILTER_FIELDS.join(' ')} attr.KEY. Operators: ${FILTER_OPS.join(' ')}.`,
  { type: 'array', items: { type: 'string' }, maxItems: MAX_FILTER_TERMS },
)
const PROJECT = query('project', 'Project, else header x-sightline-project, else `default`.')
const LIMIT = query('limit', 'Items in one answer.', {
  type: 'integer',
  minimum: 1,
  maximum: 1_000,
  default: 50,
})
const CURSOR = query('cursor', '`nextCursor` of the answer before.')
const TRACE_SORT = query('sort', 'Order of the list.', {
  enum: ['-startTime', 'startTime', '-durationMs', '-cost', '-tokens'],
  default: '-startTime',
})
const LIST = [...RANGE, FILTER, LIMIT, CURSOR]

const OPERATIONS: Operation[] = [
  {
    method: 'get',
    path: '/traces',
    summary: 'Trace summaries',
    parameters: [...LIST, TRACE_SORT],
    answer: 'TraceList',
  },
  {
    method: 'get',
    path: '/traces/{traceId}',
    summary: 'Spans and totals of one trace, 5,000 spans a page',
    parameters: [CURSOR],
    answer: 'TraceDetail',
  },
  {
    method: 'get',
    path: '/traces/{traceId}/spans/{spanId}',
    summary: 'One whole span',
    answer: 'Span',
  },
  { method: 'get', path: '/spans', summary: 'Spans', parameters: LIST, answer: 'SpanList' },
  {
    method: 'get',
    path: '/metrics',
    summary: 'One metric over time',
    parameters: [
      ...RANGE,
      query('metric', 'The metric.', { enum: METRIC_NAMES }, true),
      query('step', 'Bucket width such as 1m 5m 1h 1d, or `all`.'),
      query('groupBy', `Up to three of ${GROUP_FIELDS.join(' ')}, comma separated.`),
      FILTER,
    ],
    answer: 'MetricResult',
  },
  {
    method: 'get',
    path: '/drift',
    summary: 'Drift of every signal',
    parameters: [...RANGE, FILTER],
    answer: 'DriftResult',
  },
  {
    method: 'get',
    path: '/alerts/rules',
    summary: 'Alert rules and their state',
    parameters: [LIMIT, CURSOR],
    answer: 'RuleList',
  },
  {
    method: 'post',
    path: '/alerts/rules',
    summary: 'Create a rule',
    body: 'RuleInput',
    answer: 'Rule',
    status: 201,
  },
  { method: 'get', path: '/alerts/rules/{id}', summary: 'One rule', answer: 'Rule' },
  {
    method: 'put',
    path: '/alerts/rules/{id}',
    summary: 'Replace a rule',
    body: 'RuleInput',
    answer: 'Rule',
  },
  { method: 'delete', path: '/alerts/rules/{id}', summary: 'Delete a rule', status: 204 },
  {
    method: 'get',
    path: '/alerts/incidents',
    summary: 'Incidents',
    parameters: [query('state', 'Only those in this state.', { enum: ['open'] }), LIMIT, CURSOR],
    answer: 'IncidentList',
  },
  {
    method: 'get',
    path: '/alerts/channels',
    summary: 'Channels',
    parameters: [LIMIT, CURSOR],
    answer: 'ChannelList',
  },
  {
    method: 'post',
    path: '/alerts/channels',
    summary: 'Create a channel; its secret is in this answer only',
    body: 'ChannelInput',
    answer: 'Channel',
    status: 201,
  },
]

/** OpenAPI 3.1 of everything under /api/v1, made of the schemas that check it. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {}
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sightline', version: '1' },
    servers: [{ url: '/api/v1' }],
    paths,
    components: { schemas: { ...schemasOf(ANSWERS, 'output'), ...schemasOf(BODIES, 'input') } },
  }
}

function describe(operation: Operation): Json {
  const { path, summary, parameters = [], body, answer, status = 200 } = operation
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return {
    summary,
    parameters: [...inPath, ...parameters, PROJECT],
    ...(body === undefined ? {} : { requestBody: { required: true, ...contentOf(body) } }),
    responses: {
      [String(status)]: {
        description: 'Done',
        ...(answer === undefined ? {} : contentOf(answer)),
      },
      default: { description: 'What failed and why', ...contentOf('ApiError') },
    },
  }
}

function contentOf(schema: string): Json {
  return { content: { 'application/json': { schema: { $ref: refOf(schema) } } } }
}

function query(name: string, description: string, ...[schema, required]: [Json?, boolean?]): Json {
  return {
    name,
    in: 'query',
    description,
    required: required ?? false,
    schema: schema ?? { type: 'string' },
  }
}

function schemasOf(schemas: Record<string, z.ZodMiniType>, io: 'input' | 'output'): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const made = z.toJSONSchema(registry, { io, uri: refOf })
  const named = Object.entries(made.schemas).filter(([id]) => id !== '__shared')
  return Object.fromEntries(named.map(([id, schema]) => [id, toOpenApi(schema)]))
}

function refOf(id: string): string {
  return `#/components/schemas/${id}`
}

/** Leaves out what OpenAPI names itself; fields may be added later; any JSON value is `{}`. */
function toOpenApi(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toOpenApi)
  if (typeof node !== 'object' || node === null) return node
  if ('$ref' in node && String(node.$ref).includes('/$defs/')) return {}
  const kept = Object.entries(node).filter(
    ([key, value]) =>
      !['$schema', '$id', '$defs'].includes(key) &&
      !(key === 'additionalProperties' && value === false),
  )
  return Object.fromEntries(kept.map(([key, value]) => [key, toOpenApi(value)]))
}
