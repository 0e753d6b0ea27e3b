import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { createSql } from '../../server/db/client.ts'
import type { DatabaseTarget, Sql } from '../../server/db/client.ts'

/** The server that global-setup started or was given. */
export type DatabaseServer = { url?: string; host?: string; port?: number; user?: string }

export type TestDatabase = {
  target: DatabaseTarget
  /** For DATABASE_URL of a server started as a process of its own. */
  url: string
  sql: Sql
  drop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export const TEMPLATE_DATABASE = 'sightline_test_template'

/** A migrated, empty database of the test's own, cloned from the run's template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('databaseServer')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await createDatabase(server, name, TEMPLATE_DATABASE)
  const target = targetFor(server, name)
  const sql = createSql(target)
  async function drop(): Promise<void> {
    await sql.end({ timeout: 1 })
    await dropDatabase(server, name)
  }
  return { target, url: urlFor(target), sql, drop, [Symbol.asyncDispose]: drop }
}

/** Names are ours: letters, digits and underscores only. */
export async function createDatabase(
  server: DatabaseServer,
  name: string,
  template = 'template1',
): Promise<void> {
  await runAsAdmin(server, `create database ${name} template ${template}`)
}

export async function dropDatabase(server: DatabaseServer, name: string): Promise<void> {
  await runAsAdmin(server, `drop database if exists ${name} with (force)`)
}

export function targetFor(server: DatabaseServer, database: string): DatabaseTarget {
  const { url, host, port, user } = server
  if (url !== undefined) {
    const changed = new URL(url)
    changed.pathname = `/${database}`
    return { url: changed.href }
  }
  if (host === undefined || port === undefined || user === undefined) {
    throw new Error('a database server needs a url, or a host, a port and a user')
  }
  return { host, port, user, database }
}

function urlFor({ url, host = '', port, user, database }: DatabaseTarget): string {
  return url ?? `postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`
}

async function runAsAdmin(server: DatabaseServer, statement: string): Promise<void> {
  const sql = createSql(targetFor(server, 'postgres'), { max: 1 })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
