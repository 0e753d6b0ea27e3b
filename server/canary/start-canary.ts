import { closeOwnIncident, openOwnIncident } from '../alerts/own-incident.ts'
import type { IngestHealth } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { CANARY } from '../ledger/canary-project.ts'
import type { Bus } from '../live/bus.ts'
import type { Clock } from '../platform/clock.ts'
import type { Counters } from '../platform/counters.ts'
import { startIntervalTask, type IntervalTask } from '../platform/interval-task.ts'
import type { Log } from '../platform/log.ts'
import { ALARM_AFTER, Canary } from './canary.ts'

const EVERY_MS = 60_000
const SEND_LIMIT_MS = 10_000
const INCIDENT = 'ingest canary'

export type CanaryWatch = {
  health(): IngestHealth['canary']
  /** From when the server listens at `url` on. */
  start(url: string): IntervalTask
}

type CanaryParts = {
  sql: Sql
  bus: Bus
  log: Log
  clock: Clock
  counters: Counters
  isOn: boolean
}

/** The canary of this process, and how it is doing. */
export function createCanary(parts: CanaryParts): CanaryWatch {
  const { sql, log, clock, counters, isOn } = parts
  let url = ''
  const canary = new Canary({
    sql,
    log,
    counters,
    nowMs: () => clock.nowMs(),
    send: (body) => post(`${url}/v1/traces`, body),
    async onAlarm(isMissing, reason) {
      const own = { name: INCIDENT, reason, value: ALARM_AFTER, threshold: ALARM_AFTER }
      if (isMissing) await openOwnIncident(parts, own)
      else await closeOwnIncident(parts, INCIDENT)
    },
  })
  return {
    health: () => (isOn ? canary.health() : { status: 'off', lastSeenAt: null, missed: 0 }),
    start(listensAt) {
      url = listensAt
      return startIntervalTask({ name: 'canary', intervalMs: EVERY_MS, log }, () => canary.run())
    },
  }
}

async function post(url: string, body: string): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sightline-project': CANARY },
    body,
    signal: AbortSignal.timeout(SEND_LIMIT_MS),
  })
  await answer.arrayBuffer()
  return answer.status
}
