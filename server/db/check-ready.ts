import { setTimeout } from 'node:timers/promises'
import type { Sql } from './client.ts'
import { listMigrations } from './migrate.ts'

export type Readiness = { status: 'ready' } | { status: 'unready'; reason: string }

const ANSWER_WITHIN_MS = 2_000

/** Ready = the database answers within two seconds and has every migration of this version. */
export async function checkReady(sql: Sql): Promise<Readiness> {
  const deadline = new AbortController()
  try {
    return await Promise.race([
      readMigrations(sql),
      setTimeout(
        ANSWER_WITHIN_MS,
        { status: 'unready', reason: `the database gave no answer in ${ANSWER_WITHIN_MS} ms` },
        { signal: deadline.signal },
      ) as Promise<Readiness>,
    ])
  } finally {
    deadline.abort()
  }
}

async function readMigrations(sql: Sql): Promise<Readiness> {
  try {
    const rows = await sql<{ name: string }[]>`select name from schema_migrations`
    const applied = new Set(rows.map((row) => row.name))
    const missing = (await listMigrations()).filter((name) => !applied.has(name))
    if (missing.length === 0) return { status: 'ready' }
    return { status: 'unready', reason: `migrations are missing: ${missing.join(', ')}` }
  } catch (error) {
    return { status: 'unready', reason: `the database does not answer: ${codeOf(error)}` }
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.name : 'unknown fault'
}
