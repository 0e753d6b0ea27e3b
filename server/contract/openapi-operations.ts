import { GROUP_FIELDS, METRIC_NAMES } from './metric.ts'
import {
  FILTER,
  SCOPE,
  LIMIT,
  PAGE_OF_SPANS,
  CURSOR,
  TRACE_SORT,
  LIST,
  RANGE,
  METRIC,
  type Json,
  query,
} from './openapi-parameters.ts'
import { ViewPage } from './view.ts'

export type Operation = {
  method: 'get' | 'post' | 'put' | 'delete'
  path: string
  summary: string
  parameters?: Json[]
  body?: string
  /** Name of the answer's schema; answers without one have no body, or none that is described yet. */
  answer?: string
  status?: number
}

/** Every call under /api/v1, with the names of its schemas. */
export const OPERATIONS: Operation[] = [
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
    summary: 'Spans and totals of one trace, by start; at most 5,000 spans a page',
    parameters: [query('limit', 'Spans in one answer.', PAGE_OF_SPANS), CURSOR],
    answer: 'TraceDetail',
  },
  {
    method: 'get',
    path: '/traces/{traceId}/usual',
    summary: 'Where the time of a trace went, against the median of the 200 before it',
    answer: 'TraceUsual',
  },
  {
    method: 'get',
    path: '/traces/{traceId}/spans/{spanId}',
    summary: 'One whole span',
    answer: 'Span',
  },
  {
    method: 'get',
    path: '/scores',
    summary: 'Scores, newest first; with `traceId` those of a trace, whenever they were given',
    parameters: [
      ...LIST,
      query('name', 'Only scores of this name.'),
      query('traceId', 'Only scores of this trace, its spans and its responses.'),
    ],
    answer: 'ScoreList',
  },
  {
    method: 'post',
    path: '/scores',
    summary:
      'Judges a trace, span or response; the same id again replaces the score. `{scores:[…]}` saves up to 1,000, answered as `{items:[…]}`',
    body: 'ScoreBody',
    answer: 'Score',
    status: 201,
  },
  {
    method: 'get',
    path: '/traces/{traceId}/neighbours',
    summary: 'The traces before and after one in a list, and its place in it',
    parameters: [...RANGE, FILTER, TRACE_SORT],
    answer: 'TraceNeighbours',
  },
  {
    method: 'get',
    path: '/facets',
    summary: 'Values of a field by how many traces carry them',
    parameters: [
      query('field', 'A text field, status, type, tag, attr.KEY, or attr for the keys.', {}, true),
      query('q', 'Only values that hold this, in either case.'),
      ...RANGE,
      FILTER,
      LIMIT,
    ],
    answer: 'FacetList',
  },
  {
    method: 'get',
    path: '/views',
    summary: 'Saved views, by name',
    parameters: [query('page', 'Only of this page.', { enum: ViewPage.options }), LIMIT, CURSOR],
    answer: 'SavedViewList',
  },
  {
    method: 'post',
    path: '/views',
    summary: 'Saves the filters of a page under a name',
    body: 'SavedViewInput',
    answer: 'SavedView',
    status: 201,
  },
  { method: 'get', path: '/views/{id}', summary: 'One saved view', answer: 'SavedView' },
  {
    method: 'put',
    path: '/views/{id}',
    summary: 'Replaces a saved view',
    body: 'SavedViewInput',
    answer: 'SavedView',
  },
  { method: 'delete', path: '/views/{id}', summary: 'Deletes a saved view', status: 204 },
  { method: 'get', path: '/spans', summary: 'Spans', parameters: LIST, answer: 'SpanList' },
  {
    method: 'get',
    path: '/metrics',
    summary: 'One metric over time',
    parameters: [
      ...RANGE,
      METRIC,
      query('step', 'Bucket width such as 1m 5m 1h 1d, or `all`.'),
      query('groupBy', `Up to three of ${GROUP_FIELDS.join(' ')}, comma separated.`),
      SCOPE,
      FILTER,
    ],
    answer: 'MetricResult',
  },
  {
    method: 'get',
    path: '/metrics/exemplars',
    summary: 'The slowest call of each bucket and one taken at random',
    parameters: [
      ...RANGE,
      query('metric', 'What the calls are compared by.', { enum: ['latency', 'ttft'] }),
      query('step', 'Bucket width such as 1m 5m 1h 1d; beyond 60 buckets, neighbours share.'),
      FILTER,
    ],
    answer: 'ExemplarList',
  },
  {
    method: 'get',
    path: '/explain',
    summary: 'What the worse part of a range has that a baseline has not',
    parameters: [
      ...RANGE,
      query('baselineFrom', 'Start of the baseline; default as long as the range.'),
      query('baselineTo', 'End of the baseline; default `from`.'),
      query('metric', 'The metric; default latency_p95.', { enum: METRIC_NAMES }),
      SCOPE,
      FILTER,
    ],
    answer: 'ExplainResult',
  },
  {
    method: 'get',
    path: '/ledger',
    summary:
      'What was received and what became of it, by minute of receipt and source; received = stored + duplicate + rejected. Items of the canary are in every project’s list and in no totals',
    parameters: RANGE,
    answer: 'Ledger',
  },
  {
    method: 'get',
    path: '/ingest/health',
    summary:
      'Whether what the pages show can be trusted: rates, refusals, lag, room, sources, canary',
    answer: 'IngestHealth',
  },
  {
    method: 'get',
    path: '/ledger/where',
    summary: 'What became of one trace',
    parameters: [query('traceId', '32 hex digits.')],
    answer: 'LedgerWhere',
  },
  {
    method: 'get',
    path: '/releases',
    summary: 'Releases, newest first',
    parameters: [...RANGE, query('service', 'Only releases of this service.'), LIMIT, CURSOR],
    answer: 'ReleaseList',
  },
  {
    method: 'post',
    path: '/releases',
    summary: 'Reports a release; the same again updates `meta`, and `at` where it is given',
    body: 'ReleaseInput',
    answer: 'Release',
    status: 201,
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
  { method: 'get', path: '/alerts/channels/{id}', summary: 'One channel', answer: 'Channel' },
  {
    method: 'put',
    path: '/alerts/channels/{id}',
    summary: 'Replaces a channel; without a secret it keeps its own',
    body: 'ChannelInput',
    answer: 'Channel',
  },
  { method: 'delete', path: '/alerts/channels/{id}', summary: 'Deletes a channel', status: 204 },
  {
    method: 'post',
    path: '/alerts/channels/{id}/test',
    summary: 'Sends a test message and tells how it went',
  },
  {
    method: 'post',
    path: '/alerts/incidents/{id}/ack',
    summary: 'Acknowledges an incident',
    answer: 'Incident',
  },
  {
    method: 'get',
    path: '/alerts/rules/{id}/evaluations',
    summary: 'What a rule saw and decided, minute by minute',
    parameters: [LIMIT, CURSOR],
  },
  {
    method: 'post',
    path: '/alerts/preview',
    summary: 'Firings a rule would have had between `from` and `to`',
  },
  {
    method: 'get',
    path: '/alerts/deliveries',
    summary: 'Attempts to deliver messages',
    parameters: [LIMIT, CURSOR],
  },
]
