import { Router } from 'express'
import type { Context } from '../context.ts'
import type { IngestHealth } from '../contract/index.ts'
import { allowOnly } from '../platform/allow-only.ts'
import { BadRequestError } from '../platform/errors.ts'
import { databaseNow, parseProject, parseRange, single } from '../platform/query-params.ts'
import { findTrace } from './find-trace.ts'
import { readLedger } from './read-ledger.ts'

export type ReadHealth = (projectId: string) => Promise<IngestHealth>

export function ledgerRoutes({ sql }: Context, readHealth: ReadHealth): Router {
  const router = Router()
  router
    .route('/ledger')
    .get(async function getLedger(request, response) {
      const range = parseRange(request.query, await databaseNow(sql))
      response.json(await readLedger(sql, parseProject(request), range))
    })
    .all(allowOnly('GET'))
  router
    .route('/ledger/where')
    .get(async function getWhere(request, response) {
      const traceId = (single(request.query, 'traceId') ?? '').toLowerCase()
      if (!/^[0-9a-f]{32}$/.test(traceId)) {
        throw new BadRequestError(
          `traceId=${JSON.stringify(traceId.slice(0, 60))} is not 32 hex digits`,
          'traceId',
        )
      }
      response.json(await findTrace(sql, parseProject(request), traceId))
    })
    .all(allowOnly('GET'))
  router
    .route('/ingest/health')
    .get(async function getIngestHealth(request, response) {
      response.json(await readHealth(parseProject(request)))
    })
    .all(allowOnly('GET'))
  return router
}
