import type { Sql } from '../../db/client.ts'
import { withDeadline } from '../../db/copy.ts'
import { slotOf } from '../../projects/slot.ts'
import { toAnyValue } from '../any-value.ts'
import type { Need } from './agent.ts'
import { completeSpan, type DerivedSpan, deriveSpan } from './derived-span.ts'
import type { AgentRecord } from './read-event.ts'

type Row = {
  agent: string
  session: string
  event_id: string
  kind: 'session' | 'start' | 'waiting'
  at_us: number
  started_us: number | null
  record: unknown
}

type Stored = { span: DerivedSpan; needs: readonly Need[] }
type Attributes = Parameters<typeof completeSpan>[1]['attributes']

const DEADLINE_MS = 5_000

/** A call that waits for its start no longer than this: the record may never come. */
const PATIENCE_S = 10
const MAX_READY = 500

/** Keeps what calls of the session need, and calls that need it; answers the ids of the new ones. */
export async function keepAgentEvents(
  sql: Sql,
  projectId: string,
  records: readonly AgentRecord[],
): Promise<Set<string>> {
  const rows = records.map(toRow).toSorted((a, b) => (a.event_id < b.event_id ? -1 : 1))
  if (rows.length === 0) return new Set()
  const keeping = sql<{ id: string }[]>`
    insert into agent_events (slot, project_id, agent, session, event_id, kind, at, started_at, record)
    select ${slotOf(projectId)}, ${projectId}, r.agent, r.session, r.event_id, r.kind,
      'epoch'::timestamptz + r.at_us * interval '1 microsecond',
      'epoch'::timestamptz + r.started_us * interval '1 microsecond', r.record
    from jsonb_to_recordset(${sql.json(rows as never)}::jsonb) as r(agent text, session text,
      event_id uuid, kind text, at_us int8, started_us int8, record jsonb)
    on conflict do nothing
    returning replace(event_id::text, '-', '') as id`
  return new Set((await withDeadline(keeping, DEADLINE_MS)).map(({ id }) => id))
}

function toRow(of: AgentRecord): Row {
  const { agent, session, eventId, reading, atUs, record } = of
  const row = { agent: agent.name, session, event_id: eventId, at_us: atUs }
  if (reading.kind === 'start') {
    const startedUs = atUs - Math.round((reading.durationMs ?? 0) * 1_000)
    return { ...row, kind: 'start', started_us: startedUs, record: null }
  }
  if (reading.kind === 'call') {
    const waiting = { span: deriveSpan(of), needs: reading.needs }
    return { ...row, kind: 'waiting', started_us: null, record: waiting }
  }
  const attributes = record.attributes
    .filter(({ key }) => agent.sessionAttributes.includes(key))
    .map(({ key, value }) => ({ key, value: toAnyValue(value) }))
  return { ...row, kind: 'session', started_us: null, record: attributes }
}

export type ReadyCall = { session: SessionKey; eventId: string; span: DerivedSpan }
export type SessionKey = { projectId: string; agent: string; session: string }

type ReadyRow = {
  projectId: string
  agent: string
  session: string
  eventId: string
  record: Stored
  startedAt: number | null
  about: Attributes | null
  /** An earlier call of the session was stored: what is said of the session would have come. */
  isTold: boolean
  isExpired: boolean
}

/** Waiting calls of these sessions that can be told whole by now. */
export async function readyCalls(sql: Sql, sessions: readonly SessionKey[]): Promise<ReadyCall[]> {
  const keys = sessions.map((key) => ({ ...keyOf(key) }))
  const rows = await withDeadline(
    sql<ReadyRow[]>`
      select e.project_id, e.agent, e.session, e.event_id, e.record, s.started_at, i.record as about,
        coalesce(before.is_told, false) as is_told, e.received_at < clock_timestamp() - ${PATIENCE_S} * interval '1 second' as is_expired
      from jsonb_to_recordset(${sql.json(keys)}::jsonb)
        as k(slot int, project_id text, agent text, session text)
      join agent_events e on e.slot = k.slot and e.project_id = k.project_id
        and e.agent = k.agent and e.session = k.session and e.kind = 'waiting'
      ${told(sql)}
      order by e.at
      limit ${MAX_READY}`,
    DEADLINE_MS,
  )
  return rows.flatMap(toReady)
}

/** Waiting calls whose patience is over, of all projects. */
export async function expiredCalls(sql: Sql): Promise<ReadyCall[]> {
  const rows = await sql<ReadyRow[]>`
    select e.project_id, e.agent, e.session, e.event_id, e.record, s.started_at, i.record as about,
      true as is_told, true as is_expired
    from agent_events e
    ${told(sql)}
    where e.kind = 'waiting' and e.received_at < clock_timestamp() - ${PATIENCE_S} * interval '1 second'
    order by e.received_at
    limit ${MAX_READY}`
  return rows.flatMap(toReady)
}

/** The last request since the call before this one, and what was said of the session. */
function told(sql: Sql) {
  return sql`
    left join lateral (
      select max(p.at) as at, bool_or(p.kind = 'done') as is_told from agent_events p
      where p.slot = e.slot and p.project_id = e.project_id and p.agent = e.agent
        and p.session = e.session and p.kind in ('waiting', 'done') and p.at < e.at
    ) before on true
    left join lateral (
      select s.started_at from agent_events s
      where s.slot = e.slot and s.project_id = e.project_id and s.agent = e.agent
        and s.session = e.session and s.kind = 'start' and s.at <= e.at
        and (before.at is null or s.at >= before.at)
      order by s.at desc limit 1
    ) s on true
    left join lateral (
      select i.record from agent_events i
      where i.slot = e.slot and i.project_id = e.project_id and i.agent = e.agent
        and i.session = e.session and i.kind = 'session'
      order by i.at desc limit 1
    ) i on true`
}

function toReady(row: ReadyRow): ReadyCall[] {
  const { projectId, agent, session, eventId, record, startedAt, about, isTold, isExpired } = row
  const lacksStart = record.needs.includes('start') && startedAt === null
  const lacksSession = record.needs.includes('session') && about === null && !isTold
  if ((lacksStart || lacksSession) && !isExpired) return []
  const startUs =
    startedAt === null || !record.needs.includes('start') ? null : Math.round(startedAt * 1_000)
  const span = completeSpan(record.span, { startUs, attributes: about ?? [] })
  return [{ session: { projectId, agent, session }, eventId, span }]
}

/** The calls are stored: they wait no more, and their records sent again are known. */
export async function markDone(sql: Sql, calls: readonly ReadyCall[]): Promise<void> {
  if (calls.length === 0) return
  const keys = calls.map(({ session, eventId }) => ({ ...keyOf(session), event_id: eventId }))
  const marking = sql`
    update agent_events e set kind = 'done', record = null
    from jsonb_to_recordset(${sql.json(keys)}::jsonb)
      as k(slot int, project_id text, agent text, session text, event_id uuid)
    where e.slot = k.slot and e.project_id = k.project_id and e.agent = k.agent
      and e.session = k.session and e.event_id = k.event_id`
  await withDeadline(marking, DEADLINE_MS)
}

function keyOf({ projectId, agent, session }: SessionKey) {
  return { slot: slotOf(projectId), project_id: projectId, agent, session }
}

/** Long after the last repeat of a record. */
export async function deleteExpiredAgentEvents(sql: Sql): Promise<void> {
  await sql`delete from agent_events where received_at < clock_timestamp() - interval '7 days'`
  await sql`delete from recent_logs where at < sightline_now() - interval '1 day'`
}
