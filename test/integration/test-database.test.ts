import { expect, test } from 'vitest'
import { createSql } from '../../server/db/client.ts'
import { listMigrations } from '../../server/db/migrate.ts'
import { createTestDatabase } from '../support/database.ts'

test('each test database is migrated and apart from the others', async () => {
  await using first = await createTestDatabase()
  await using second = await createTestDatabase()

  await first.sql`create table only_here as select 1 as one`

  const applied = await second.sql<
    { name: string }[]
  >`select name from schema_migrations order by name`
  expect(applied.map((row) => row.name)).toEqual(await listMigrations())
  await expect(second.sql`select one from only_here`).rejects.toThrow('does not exist')
})

test('its URL leads to the same database, also over a unix socket', async () => {
  await using database = await createTestDatabase()
  await database.sql`create table only_here as select 7 as seven`

  const sql = createSql({ url: database.url }, { max: 1 })

  expect(await sql`select seven from only_here`).toEqual([{ seven: 7 }])
  await sql.end()
})
