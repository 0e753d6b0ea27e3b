import type postgres from 'postgres'
import type { Sql } from './client.ts'

/** What a read gets: the client, or a transaction of it. */
export type ReadSql = postgres.ISql<{ timestamptz: number; int8: number; date: string }>

const READ_WITHIN_MS = 5_000

/**
 * One snapshot, read only, five seconds a statement unless said otherwise: a query that asks too much ends in SQLSTATE
 * 57014 (answered "narrow the range"), and nothing a filter holds could ever write.
 */
export async function readWithin<T>(
  sql: Sql,
  work: (read: ReadSql) => Promise<T>,
  statementMs: number = READ_WITHIN_MS,
): Promise<T> {
  const result = await sql.begin('isolation level repeatable read read only', async (read) => {
    await read`select set_config('statement_timeout', ${String(statementMs)}, true)`
    return { value: await work(read) }
  })
  return result.value
}
