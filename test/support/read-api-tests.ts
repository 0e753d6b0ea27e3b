import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { startReadApi, type ReadApi } from './read-api.ts'

export type OwnReadApi = { database: TestDatabase; api: ReadApi }

/**
 * A database and the read API of a test file's own, with nothing stored before each test. To be
 * called at the top of the file; its parts are there once its tests run.
 */
export function useReadApi(): OwnReadApi {
  const own = {} as OwnReadApi

  beforeAll(async () => {
    own.database = await createTestDatabase()
    own.api = await startReadApi(own.database.sql)
  })
  beforeEach(async () => {
    await own.database.sql`truncate spans, span_bodies, rollup_deltas`
  })
  afterAll(async () => {
    await own.api[Symbol.asyncDispose]()
    await own.database.drop()
  })
  return own
}
