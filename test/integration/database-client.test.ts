import { expect, test } from 'vitest'
import { createSql } from '../../server/db/client.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

test('a caller that retries at once is answered after each loss of its connection', async () => {
  await using database = await createTestDatabase()
  const own = createSql(database.target, { max: 1 })
  let isDone = false
  let lost = 0
  async function breakIt(): Promise<void> {
    while (!isDone) {
      await database.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
          and query like '%lost and found%'`
    }
  }
  async function retry(): Promise<void> {
    while (lost < 20) {
      await own`select 1 as "lost and found"`.catch(() => {
        lost += 1
      })
    }
    isDone = true
  }

  await Promise.all([retry(), breakIt()])

  expect(lost).toBe(20)
  // The last termination may still be on its way when the loops have ended.
  await eventually(async () => {
    expect(await own`select 2 as answer`).toEqual([{ answer: 2 }])
  })
  await own.end()
})

test('a server that is not there is an error, not a wait', async () => {
  const nowhere = createSql({ host: '/nonexistent', port: 1, database: 'x', user: 'x' }, { max: 1 })

  await expect(nowhere`select 1`).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(nowhere`select 1`).rejects.toMatchObject({ code: 'ENOENT' })
  await nowhere.end()
})
