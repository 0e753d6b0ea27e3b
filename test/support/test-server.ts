import { loadConfig } from '../../server/config.ts'
import type { Context } from '../../server/context.ts'
import type { Sql } from '../../server/db/client.ts'
import { startServer } from '../../server/start.ts'
import { createTestDatabase } from './database.ts'

export type TestServer = AsyncDisposable & {
  url: string
  /** null unless OTLP_GRPC_PORT is given. */
  grpcPort: number | null
  sql: Sql
  context: Context
}

/** The whole server in this process, on a free port and a database of its own. */
export async function startTestServer(env: Record<string, string> = {}): Promise<TestServer> {
  const database = await createTestDatabase()
  const config = loadConfig({
    DATABASE_URL: database.url,
    PORT: '0',
    OTLP_GRPC_PORT: 'off',
    SIGHTLINE_CANARY: 'off',
    SIGHTLINE_LOG_LEVEL: 'silent',
    // Where a dashboard was built apart from the tree's own.
    SIGHTLINE_WEB_ROOT: process.env['SIGHTLINE_WEB_ROOT'],
    ...env,
  })
  const server = await startServer(config)
  return {
    url: server.url,
    grpcPort: server.grpcPort,
    sql: database.sql,
    context: server.context,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
