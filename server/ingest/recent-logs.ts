import type { Sql } from '../db/client.ts'

/** `messages`: log records of spans; `agents`: calls of coding agents that spans may repeat. */
export type LogKind = 'messages' | 'agents'

/** Spans and their log records may lie this far apart in arrival. */
const GRACE_MS = 3_600_000
/** Another process may have taken the logs. */
const RELOAD_MS = 30_000
/** One write a project and kind in this time. */
const NOTE_EVERY_MS = 60_000

/**
 * Which projects have sent log records lately: batches of spans of all others look for none, so
 * that ordinary traffic pays nothing for them.
 */
export class RecentLogs {
  readonly #sql: Sql
  readonly #latest = new Map<string, number>()
  readonly #noted = new Map<string, number>()
  #loading: Promise<void> | undefined
  #loadedAt = Number.NEGATIVE_INFINITY

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** Before the records are stored, so that a span that comes meanwhile looks for them. */
  async note(projectId: string, kind: LogKind, nowMs: number): Promise<void> {
    const key = `${kind} ${projectId}`
    this.#latest.set(key, nowMs)
    if (nowMs - (this.#noted.get(key) ?? Number.NEGATIVE_INFINITY) < NOTE_EVERY_MS) return
    const sql = this.#sql
    await sql`
      insert into recent_logs (project_id, kind, at) values (${projectId}, ${kind}, ${nowMs})
      on conflict (project_id, kind) do update set at = greatest(recent_logs.at, excluded.at)`
    this.#noted.set(key, nowMs)
  }

  async has(projectId: string, kind: LogKind, nowMs: number): Promise<boolean> {
    if (nowMs - this.#loadedAt >= RELOAD_MS) await this.#load(nowMs)
    return nowMs - (this.#latest.get(`${kind} ${projectId}`) ?? Number.NEGATIVE_INFINITY) < GRACE_MS
  }

  async #load(nowMs: number): Promise<void> {
    this.#loading ??= this.#read(nowMs).finally(() => {
      this.#loading = undefined
    })
    await this.#loading
  }

  async #read(nowMs: number): Promise<void> {
    const sql = this.#sql
    const rows = await sql<{ projectId: string; kind: string; at: number }[]>`
      select project_id, kind, at from recent_logs where at > ${nowMs - GRACE_MS}`
    for (const { projectId, kind, at } of rows) {
      const key = `${kind} ${projectId}`
      this.#latest.set(key, Math.max(at, this.#latest.get(key) ?? at))
    }
    for (const known of [this.#latest, this.#noted]) {
      for (const [key, at] of known) if (nowMs - at >= GRACE_MS) known.delete(key)
    }
    this.#loadedAt = nowMs
  }
}
