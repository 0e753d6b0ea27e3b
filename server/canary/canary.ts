import type { IngestHealth } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { CANARY } from '../ledger/canary-project.ts'
import type { Counters } from '../platform/counters.ts'
import { newId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import { slotOf } from '../projects/slot.ts'

type CanaryParts = {
  sql: Sql
  log: Log
  counters: Counters
  nowMs: () => number
  /** POSTs an OTLP/JSON body to the server's own front; answers the status. */
  send: (body: string) => Promise<number>
  /** Told when the canary is missed and when it is back. */
  onAlarm: (isMissing: boolean, reason: string) => Promise<void>
}

/** Once may be a restart or a short outage. */
export const ALARM_AFTER = 2

/**
 * Sends a span to the server itself, through all that a sender's spans go through, and looks it up
 * where queries look. It lives in a project of its own, so no product metric counts it.
 */
export class Canary {
  readonly #parts: CanaryParts
  #lastSeenAt: number | null = null
  #missed = 0
  #isAlarmed = false

  constructor(parts: CanaryParts) {
    this.#parts = parts
  }

  health(): IngestHealth['canary'] {
    const seen = this.#lastSeenAt === null ? 'waiting' : 'ok'
    const status = this.#missed >= ALARM_AFTER ? 'missing' : seen
    return { status, lastSeenAt: this.#lastSeenAt, missed: this.#missed }
  }

  /** One round. Never throws: that it fails is what it is for. */
  async run(): Promise<void> {
    const { log, counters, nowMs } = this.#parts
    const sentAtMs = nowMs()
    const fault = await this.#findFault(sentAtMs)
    if (fault === null) {
      this.#missed = 0
      this.#lastSeenAt = sentAtMs
      if (this.#isAlarmed) await this.#alarm(false, 'the canary is back')
      return
    }
    this.#missed += 1
    counters.inc('sightline_canary_missed_total')
    log.warn({ fault, missed: this.#missed }, 'canary span missed')
    if (this.#missed >= ALARM_AFTER && !this.#isAlarmed) await this.#alarm(true, fault)
  }

  async #findFault(sentAtMs: number): Promise<string | null> {
    const { sql, send } = this.#parts
    const traceId = hexId(32)
    try {
      const status = await send(canaryBody(traceId, sentAtMs))
      if (status !== 200) return `ingest answered ${status}`
      return (await isStored(sql, traceId, sentAtMs))
        ? null
        : 'it was acknowledged and is not stored'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  async #alarm(isMissing: boolean, reason: string): Promise<void> {
    const { log, onAlarm } = this.#parts
    this.#isAlarmed = isMissing
    if (isMissing) log.error({ reason, missed: this.#missed }, 'canary missing: ingest is failing')
    else log.info({ reason }, 'canary is back')
    try {
      await onAlarm(isMissing, reason)
    } catch (error) {
      // Without a database there is no incident to write; the next round tries again.
      this.#isAlarmed = !isMissing
      log.warn({ error }, 'canary alarm could not be written')
    }
  }
}

/** The random end of an id that is ordered by time. */
function hexId(digits: number): string {
  return newId().replaceAll('-', '').slice(-digits)
}

function canaryBody(traceId: string, atMs: number): string {
  const span = {
    traceId,
    spanId: hexId(16),
    name: 'canary',
    kind: 1,
    startTimeUnixNano: `${Math.floor(atMs)}000000`,
    endTimeUnixNano: `${Math.floor(atMs)}000000`,
  }
  const attributes = [{ key: 'service.name', value: { stringValue: CANARY } }]
  return JSON.stringify({
    resourceSpans: [
      { resource: { attributes }, scopeSpans: [{ scope: { name: CANARY }, spans: [span] }] },
    ],
  })
}

async function isStored(sql: Sql, traceId: string, atMs: number): Promise<boolean> {
  const day = new Date(atMs).toISOString().slice(0, 10)
  const rows = await sql`
    select 1 from spans
    where slot = ${slotOf(CANARY)} and project_id = ${CANARY} and day = ${day}::date
      and trace_id = ${traceId}::uuid`
  return rows.length > 0
}
