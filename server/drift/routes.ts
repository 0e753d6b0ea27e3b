import { Router } from 'express'
import type { Context } from '../context.ts'
import { databaseNow, parseFilters, parseProject, parseRange } from '../platform/query-params.ts'
import { queryDrift } from './query-drift.ts'

export function driftRoutes({ sql }: Context): Router {
  const router = Router()
  router.get('/drift', async function getDrift(request, response) {
    response.json(
      await queryDrift(sql, {
        projectId: parseProject(request),
        range: parseRange(request.query, await databaseNow(sql)),
        filter: parseFilters(request.query),
      }),
    )
  })
  return router
}
