import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../server/db/embedded/start-embedded-postgres.ts'
import type { DatabaseTarget } from '../../server/db/client.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'

export type BenchServer = AsyncDisposable & {
  server: ServerProcess
  /** The server's database, for a client of the benchmark's own. */
  target: DatabaseTarget
  postgresPid: number
}

/** The server as a process of its own on an embedded database in a temporary folder. */
export async function startBenchServer(): Promise<BenchServer> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'sightline-bench-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const silent = { info: () => undefined, warn: () => undefined }
  const postgres = await startEmbeddedPostgres({ dataDir, log: silent })
  stack.defer(() => postgres.stop())
  const { host, port, database, user } = postgres
  const url = `postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`
  const server = stack.use(await startServerProcess({ DATABASE_URL: url }))
  const parts = stack.move()
  return {
    server,
    target: { host, port, database, user },
    postgresPid: postgres.pid() ?? 0,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
