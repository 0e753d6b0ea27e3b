import { dayOf, dayText } from '../../db/copy-buffer.ts'
import type { Sql } from '../../db/client.ts'
import { withDeadline } from '../../db/copy.ts'
import { slotOf } from '../../projects/slot.ts'
import { attributeHash } from '../../spans/attribute-hash.ts'
import { amendSpans, type SpanAmendment } from '../amend-spans.ts'
import type { PendingSpan } from '../commit-spans.ts'
import { SPAN_FLAGS } from '../copy-rows.ts'
import type { OtlpSpan } from '../otlp.ts'
import { toText } from '../attribute-text.ts'
import { type Agent, derivedNamesOf } from './agent.ts'
import { AGENTS } from './registry.ts'
import { NOT_THE_CALL, whatIsMissing, type Told } from './twin-amendments.ts'

const DEADLINE_MS = 5_000
const MAX_TRACES = 200
/** A tool use begins within this time of its call's start. */
const REACH_US = 3_600_000_000

/** The spans that agents send themselves have parents of their own. */
const DERIVED_NAMES = AGENTS.flatMap(derivedNamesOf)

/**
 * A tool use belongs to the latest-started successful call of its turn that began before it. Judged
 * anew whenever something of the turn is stored, so that the order of arrival does not matter.
 */
export async function settleToolParents(
  sql: Sql,
  projectId: string,
  pending: readonly PendingSpan[],
): Promise<void> {
  const traces = [...Map.groupBy(pending, ({ record }) => record.traceId)].map(spreadOf)
  for (let at = 0; at < traces.length; at += MAX_TRACES) {
    const work = settleTraces(sql, projectId, traces.slice(at, at + MAX_TRACES))
    await withDeadline(work, DEADLINE_MS)
  }
}

type Spread = { trace_id: string; from_us: number; to_us: number }

function spreadOf([traceId, spans]: [string, PendingSpan[]]): Spread {
  const starts = spans.map(({ record }) => record.startUs)
  const [from, to] = [Math.min(...starts) - REACH_US, Math.max(...starts) + REACH_US]
  return { trace_id: traceId, from_us: from, to_us: to }
}

async function settleTraces(sql: Sql, projectId: string, traces: Spread[]): Promise<void> {
  const slot = slotOf(projectId)
  const first = Math.min(...traces.map(({ from_us: us }) => dayOf(us)))
  const last = Math.max(...traces.map(({ to_us: us }) => dayOf(us)))
  await sql`
    with told as materialized (
      select s.day, s.trace_id, s.span_id, s.parent_span_id, s.type, s.started_at, s.flags
      from jsonb_to_recordset(${sql.json(traces)}::jsonb)
        as k(trace_id uuid, from_us int8, to_us int8)
      join spans s on s.slot = ${slot} and s.day >= ${dayText(first)}::date
        and s.day <= ${dayText(last)}::date and s.project_id = ${projectId}
        and s.trace_id = k.trace_id
        and s.started_at >= 'epoch'::timestamptz + k.from_us * interval '1 microsecond'
        and s.started_at <= 'epoch'::timestamptz + k.to_us * interval '1 microsecond'
      where s.name = any(${DERIVED_NAMES}::text[])
    ), belongs as (
      select tool.day, tool.trace_id, tool.span_id, (
        select call.span_id from told call
        where call.trace_id = tool.trace_id and call.type = 'llm'
          and call.flags & ${SPAN_FLAGS.error}::int = 0 and call.started_at <= tool.started_at
        order by call.started_at desc limit 1
      ) as call_id
      from told tool where tool.type = 'tool'
    )
    update spans s set parent_span_id = b.call_id
    from belongs b
    where s.slot = ${slot} and s.day = b.day and s.project_id = ${projectId}
      and s.trace_id = b.trace_id and s.span_id = b.span_id
      and b.call_id is not null and s.parent_span_id is distinct from b.call_id`
}

/** What the event of a call and the span of the same call share. */
export type TwinKey = { agent: Agent; traceId: string; day: number; value: string }

/** Of the spans of a request: those of which an agent's event may tell the same. */
export function twinKeysOf(spans: readonly OtlpSpan[]): TwinKey[] {
  const keys: TwinKey[] = []
  for (const { group, attributes, traceId, startUs } of spans) {
    const agent = agentOfSpans(group.scope.name)
    if (agent?.twins === undefined || agent.twins === null) continue
    const { key } = agent.twins
    const value = toText(attributes.find((attribute) => attribute.key === key)?.value)
    if (value !== undefined) keys.push({ agent, traceId, day: dayOf(startUs), value })
  }
  return keys
}

function agentOfSpans(scope: string): Agent | undefined {
  return scope === '' ? undefined : AGENTS.find(({ twins }) => twins?.scope === scope)
}

type TwinRow = Told & {
  ix: number
  spanId: string
  scope: string | null
  startedAt: number
}

/** Where both are stored, the event is the call and the span tells what the event does not say. */
export async function settleTwins(
  sql: Sql,
  projectId: string,
  keys: readonly TwinKey[],
): Promise<void> {
  if (keys.length === 0) return
  const rows = await withDeadline(readTwins(sql, projectId, keys), DEADLINE_MS)
  const amendments: SpanAmendment[] = []
  for (const [ix, twins] of Map.groupBy(rows, (row) => row.ix)) {
    const key = keys[ix]
    const spanScope = key?.agent.twins?.scope
    const event = twins.find(({ scope }) => scope !== spanScope)
    if (key === undefined || event === undefined) continue
    const amend = ({ spanId, startedAt }: TwinRow, set: SpanAmendment['set']) => {
      const day = dayOf(Math.round(startedAt * 1_000))
      amendments.push({ projectId, traceId: key.traceId, spanId, day, set })
    }
    for (const twin of twins) {
      if (twin.scope !== spanScope) continue
      amend(twin, NOT_THE_CALL)
      amend(event, whatIsMissing(event, twin))
    }
  }
  await amendSpans(sql, amendments)
}

async function readTwins(
  sql: Sql,
  projectId: string,
  keys: readonly TwinKey[],
): Promise<TwinRow[]> {
  const slot = slotOf(projectId)
  const wanted = keys.map(({ agent, traceId, day, value }, ix) => ({
    ix,
    trace_id: traceId,
    day: dayText(day),
    hash: attributeHash(agent.twins?.key ?? '', value),
  }))
  return sql<TwinRow[]>`
    select k.ix, lpad(to_hex(s.span_id), 16, '0') as span_id, s.scope, s.started_at,
      s.finish_reasons, s.ttft_us, s.provider, s.request_model, s.response_model,
      s.flags & ${SPAN_FLAGS.providerInferred} <> 0 as is_provider_inferred
    from jsonb_to_recordset(${sql.json(wanted)}::jsonb)
      as k(ix int, trace_id uuid, day date, hash int4)
    cross join (values (-1), (0), (1)) as near(days)
    join spans s on s.slot = ${slot} and s.day = k.day + near.days and s.project_id = ${projectId}
      and s.trace_id = k.trace_id and s.type = 'llm' and s.attribute_hashes @> array[k.hash]`
}
