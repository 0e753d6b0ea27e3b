import type { Sql } from '../db/client.ts'
import { insertLedgerRows } from './record-ledger.ts'
import { minuteOf, NOTHING, type LedgerRow, type LedgerSignal } from './ledger-entry.ts'

/** Reasons, projects and signals waiting to be written; more are dropped into one of the kept. */
const MAX_KEYS = 1_000
const MAX_FLUSH = 500

/** Nobody knows who sent a body that was not read. */
const UNKNOWN = { dialect: '', sdk: null, sdkVersion: null, service: null }

export type RefusedRequest = { projectId: string; signal: LedgerSignal; reason: string }

/**
 * Counts requests that were refused as a whole. It waits for the next flush, as a refusal must not
 * cost a write, and a database that is away is one of the reasons.
 */
export class RefusedRequests {
  #rows = new Map<string, LedgerRow>()

  note({ projectId, signal, reason }: RefusedRequest, nowMs: number): void {
    const minuteMs = minuteOf(nowMs)
    const key = `${projectId} ${minuteMs} ${signal} ${reason}`
    const known = this.#rows.get(key)
    if (known !== undefined) known.requests += 1
    else if (this.#rows.size < MAX_KEYS) {
      const counts = { ...NOTHING, requests: 1 }
      this.#rows.set(key, { projectId, minuteMs, signal, source: UNKNOWN, reason, ...counts })
    }
  }

  async flush(sql: Sql): Promise<void> {
    const waiting = [...this.#rows].slice(0, MAX_FLUSH)
    for (const [key] of waiting) this.#rows.delete(key)
    try {
      await insertLedgerRows(
        sql,
        waiting.map(([, row]) => row),
      )
    } catch (error) {
      this.#putBack(waiting)
      throw error
    }
  }

  #putBack(waiting: readonly [string, LedgerRow][]): void {
    for (const [key, row] of waiting) {
      const newer = this.#rows.get(key)
      if (newer === undefined) this.#rows.set(key, row)
      else newer.requests += row.requests
    }
  }
}
