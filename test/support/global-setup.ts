import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createSql } from '../../server/db/client.ts'
import { startEmbeddedPostgres } from '../../server/db/embedded/start-embedded-postgres.ts'
import { migrate } from '../../server/db/migrate.ts'
import { TEMPLATE_DATABASE, createDatabase, dropDatabase, targetFor } from './database.ts'
import type { DatabaseServer } from './database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: DatabaseServer
  }
}

/** One database server for a project's whole run, and in it the migrated template that tests clone. */
export default async function setUpDatabase(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await openServer()
  await dropDatabase(server, TEMPLATE_DATABASE)
  await createDatabase(server, TEMPLATE_DATABASE)
  const sql = createSql(targetFor(server, TEMPLATE_DATABASE), { max: 2 })
  await migrate(sql)
  await sql.end()
  project.provide('databaseServer', server)
  return stop
}

async function openServer(): Promise<{ server: DatabaseServer; stop: () => Promise<void> }> {
  const url = process.env['SIGHTLINE_TEST_DATABASE_URL']
  if (url !== undefined && url !== '') {
    const server = { url }
    return { server, stop: () => dropDatabase(server, TEMPLATE_DATABASE) }
  }
  const folder = await mkdtemp(join(tmpdir(), 'sightline-test-'))
  const silent = { info: () => undefined, warn: () => undefined }
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log: silent })
  const { host, port, user } = postgres
  return {
    server: postgres.url === undefined ? { host, port, user } : { url: postgres.url },
    async stop() {
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
