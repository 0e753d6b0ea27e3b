import type { Config } from './config.ts'
import type { Sql } from './db/client.ts'
import type { Bus } from './live/bus.ts'
import type { createLog } from './platform/log.ts'

/** What main.ts builds once and routes, the evaluator and the sockets receive. */
export type Context = {
  config: Config
  sql: Sql
  bus: Bus
  log: ReturnType<typeof createLog>
}
