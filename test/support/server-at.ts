import { loadConfig } from '../../server/config.ts'
import { startServer } from '../../server/start.ts'
import { setClock } from '../integration/rollups-calls.ts'
import { createTestDatabase } from './database.ts'
import type { TestServer } from './test-server.ts'

/** The whole server on a database whose clock was set before, so that a test has its own date. */
export async function startServerAt(
  nowMs: number,
  env: Record<string, string> = {},
): Promise<TestServer> {
  const database = await createTestDatabase()
  await setClock(database.sql, nowMs)
  const server = await startServer(
    loadConfig({
      DATABASE_URL: database.url,
      PORT: '0',
      OTLP_GRPC_PORT: 'off',
      SIGHTLINE_CANARY: 'off',
      SIGHTLINE_LOG_LEVEL: 'silent',
      SIGHTLINE_WEB_ROOT: process.env['SIGHTLINE_WEB_ROOT'],
      ...env,
    }),
  )
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
