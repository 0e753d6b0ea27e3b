import { METRIC_NAMES, type CompareOp, type MetricName } from '@sightline/server/contract'

// The search parameters that belong to one page. Unknown and faulty ones are dropped.

type Search = Record<string, unknown>

export const FOCUSES = ['latency', 'cost', 'errors', 'tokens'] as const
export type OverviewSearch = { focus?: (typeof FOCUSES)[number] }

export const TRACE_SORTS = ['-startTime', 'startTime', '-durationMs', '-cost', '-tokens'] as const
export type TraceSort = (typeof TRACE_SORTS)[number]
export type TracesSearch = {
  sort?: TraceSort
  /** Trace shown in the drawer beside the list. */
  peek?: string
  /** Columns shown, when they are not the usual ones. */
  cols?: string
  rows?: 'standard'
}

export const TRACE_VIEWS = ['waterfall', 'conversation', 'table'] as const
export const SPAN_TABS = ['messages', 'scores', 'attributes', 'mapping', 'raw'] as const
export type SpanTab = (typeof SPAN_TABS)[number]
export type TraceViewSearch = {
  span?: string
  view?: (typeof TRACE_VIEWS)[number]
  tab?: SpanTab
  /** Part of the trace shown, in ms since its start: `1200-3400`. */
  zoom?: string
  /** A trace to show beside this one. */
  with?: string
  sort?: TraceSort
}

export const START_LANGS = ['sdk', 'otel', 'python', 'agents'] as const
export type StartSearch = { lang?: (typeof START_LANGS)[number] }

/** `source`: one service alone. */
export type IngestSearch = { source?: string }

const COMPARE_OPS: readonly CompareOp[] = ['gt', 'gte', 'lt', 'lte']
/** A rule to begin with: `metric` opens the form, filters come from the shared `f`. */
export type AlertsSearch = { metric?: MetricName; op?: CompareOp; critical?: string }

export function parseOverviewSearch(search: Search): OverviewSearch {
  const focus = FOCUSES.find((one) => one === search['focus'])
  return focus === undefined ? {} : { focus }
}

export function parseTracesSearch(search: Search): TracesSearch {
  const found: TracesSearch = {}
  const sort = sortOf(search)
  if (sort !== undefined) found.sort = sort
  const peek = matching(search['peek'], /^[0-9a-f]{32}$/)
  if (peek !== undefined) found.peek = peek
  const cols = matching(search['cols'], /^[a-z]+(,[a-z]+){0,19}$/)
  if (cols !== undefined) found.cols = cols
  if (search['rows'] === 'standard') found.rows = 'standard'
  return found
}

export function parseTraceSearch(search: Search): TraceViewSearch {
  const found: TraceViewSearch = {}
  const span = matching(search['span'], /^[0-9a-f]{16}$/)
  if (span !== undefined) found.span = span
  const view = TRACE_VIEWS.find((one) => one === search['view'])
  if (view !== undefined && view !== 'waterfall') found.view = view
  const tab = SPAN_TABS.find((one) => one === search['tab'])
  if (tab !== undefined && tab !== 'messages') found.tab = tab
  const zoom = matching(search['zoom'], /^\d{1,12}(\.\d{1,3})?-\d{1,12}(\.\d{1,3})?$/)
  if (zoom !== undefined) found.zoom = zoom
  const twin = matching(search['with'], /^[0-9a-f]{32}$/)
  if (twin !== undefined) found.with = twin
  const sort = sortOf(search)
  if (sort !== undefined) found.sort = sort
  return found
}

export function parseStartSearch(search: Search): StartSearch {
  const lang = START_LANGS.find((one) => one === search['lang'])
  return lang === undefined || lang === 'sdk' ? {} : { lang }
}

export function parseIngestSearch(search: Search): IngestSearch {
  const { source } = search
  return typeof source === 'string' && source !== '' && source.length <= 256 ? { source } : {}
}

export function parseAlertsSearch(search: Search): AlertsSearch {
  const found: AlertsSearch = {}
  const metric = METRIC_NAMES.find((one) => one === search['metric'])
  if (metric === undefined) return found
  found.metric = metric
  const op = COMPARE_OPS.find((one) => one === search['op'])
  if (op !== undefined) found.op = op
  const critical = matching(search['critical'], /^\d{1,15}(\.\d{1,12})?$/)
  if (critical !== undefined) found.critical = critical
  return found
}

function sortOf(search: Search): TraceSort | undefined {
  const sort = TRACE_SORTS.find((one) => one === search['sort'])
  return sort === '-startTime' ? undefined : sort
}

function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined
}
