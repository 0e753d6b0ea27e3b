import type { Sql } from '../../../server/db/client.ts'
import { MINUTE_MS, type TraceList } from '../../../server/contract/index.ts'
import { randomStream } from '../../simulator/random.ts'
import { STORY_NOW } from './write-story.ts'

/** The hour up to the last whole minute of the story. */
export const STORY_HOUR = {
  from: STORY_NOW - (STORY_NOW % MINUTE_MS) - 60 * MINUTE_MS,
  to: STORY_NOW - (STORY_NOW % MINUTE_MS),
}

const FIRING_SINCE = Date.UTC(2026, 10, 22, 14, 37)
const LIMIT_MS = 4_000
const SCORED_TRACES = 400

/** What people and other systems add to the spans: a rule that fires, a release, a judge's scores. */
export async function furnishStory(url: string, sql: Sql): Promise<void> {
  await post(url, '/releases', {
    release: '2026.11.22-3',
    service: 'support-api',
    environment: 'production',
    at: Date.UTC(2026, 10, 22, 14, 32),
    meta: { by: 'CI', changed: 'prompt support-answer v13 to v14, k 8 to 24' },
  })
  const rule = await post(url, '/alerts/rules', {
    name: 'p95 latency over 4.0 s',
    severity: 'critical',
    condition: {
      kind: 'threshold',
      metric: 'latency_p95',
      op: 'gt',
      critical: LIMIT_MS,
      recover: 3_000,
    },
  })
  await openIncident(sql, String(rule['id']))
  const random = randomStream(11, 'scores')
  for (const { traceId, startTime } of await listTraces(url, {
    f: 'name:eq:answer_ticket',
    limit: SCORED_TRACES,
  })) {
    const value = Math.round(Math.min(1, Math.max(0, 0.82 + random.normal() * 0.18)) * 100) / 100
    await post(url, '/scores', {
      id: `faithful-${traceId}`,
      traceId,
      name: 'faithfulness',
      value,
      label: value >= 0.5 ? 'pass' : 'fail',
      source: 'judge',
      at: Math.floor(startTime),
    })
  }
}

/** A slow request that recovered after its first search timed out. */
export async function findStoryTrace(url: string): Promise<string> {
  const found = await listTraces(url, { f: 'name:eq:answer_ticket', limit: 1_000 })
  const slow = found
    .filter(({ status, errorCount }) => status === 'ok' && errorCount === 1)
    .toSorted((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0))
  const [first] = slow
  if (first === undefined) throw new Error('the story has no trace that recovered from an error')
  return first.traceId
}

async function openIncident(sql: Sql, ruleId: string): Promise<void> {
  await sql`
    insert into alert_incidents (incident_id, project_id, rule_id, rule_name, group_key, labels, state,
      severity, started_at, value, peak, unit, threshold, reason, seq)
    values ('in_story', 'default', ${ruleId}, 'p95 latency over 4.0 s', '{}', '{}', 'firing', 'critical',
      ${FIRING_SINCE}::timestamptz, 5120, 5480, 'ms', ${LIMIT_MS}, 'latency_p95 was 5.12 s, over 4 s', 1)`
}

async function listTraces(url: string, query: { f: string; limit: number }) {
  const params = new URLSearchParams({
    f: query.f,
    limit: String(query.limit),
    from: String(STORY_HOUR.from),
    to: String(STORY_HOUR.to),
  })
  const answer = await fetch(`${url}/api/v1/traces?${params}`)
  if (!answer.ok) throw new Error(`/traces answered ${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as TraceList).items
}

async function post(url: string, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}
