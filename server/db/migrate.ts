import { readdir, readFile } from 'node:fs/promises'
import type { Sql } from './client.ts'

const FOLDER = new URL('./migrations/', import.meta.url)
/** Any constant: the key of the advisory lock that lets one starter migrate while others wait. */
const LOCK_KEY = 7_416_011

/**
 * Brings the schema forward. Safe with several starters: they queue on an advisory lock and the
 * later ones find nothing left to do. Each migration commits together with its row.
 */
export async function migrate(sql: Sql): Promise<void> {
  const reserved = await sql.reserve()
  try {
    await reserved`select pg_advisory_lock(${LOCK_KEY})`
    await reserved`create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default clock_timestamp())`
    const applied = await reserved<{ name: string }[]>`select name from schema_migrations`
    const done = new Set(applied.map((row) => row.name))
    for (const name of await listMigrations()) {
      if (done.has(name)) continue
      const text = await readFile(new URL(name, FOLDER), 'utf8')
      // One simple-protocol message is one transaction: a dead connection leaves nothing half done.
      await reserved.unsafe(
        `begin; set local lock_timeout = '20s'; ${text}; insert into schema_migrations (name) values ('${name}'); commit;`,
      )
    }
  } finally {
    await reserved`select pg_advisory_unlock(${LOCK_KEY})`.catch(() => undefined)
    reserved.release()
  }
}

/** Migration file names in order; each is `NNNN_what.sql`. */
export async function listMigrations(): Promise<string[]> {
  const names = await readdir(FOLDER)
  return names.filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name)).toSorted()
}
