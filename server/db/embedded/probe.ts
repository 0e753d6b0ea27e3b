import { Client, escapeIdentifier } from 'pg'
import type { Listener } from './listener.ts'

export const DATABASE = 'sightline'
export const DATABASE_USER = 'sightline'

const PROBE_TIMEOUT_MS = 3_000
const NO_SUCH_DATABASE = '3D000'

/** Throws unless the server answers a query in our database, which is created when missing. */
export async function probeDatabase(listener: Listener): Promise<void> {
  try {
    await runIn(listener, DATABASE, 'select 1')
  } catch (error) {
    if ((error as { code?: unknown }).code !== NO_SUCH_DATABASE) throw error
    await runIn(listener, 'postgres', `create database ${escapeIdentifier(DATABASE)}`)
  }
}

async function runIn(listener: Listener, database: string, statement: string): Promise<void> {
  const client = new Client({
    ...listener,
    database,
    user: DATABASE_USER,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    query_timeout: statement === 'select 1' ? PROBE_TIMEOUT_MS : 60_000,
  })
  // A connection that breaks after its answer must not become an unhandled 'error' event.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(statement)
  } finally {
    client.end().catch(() => undefined)
  }
}
