import { Router } from 'express'
import type { Context } from '../context.ts'
import { ReleaseInput } from '../contract/index.ts'
import { allowOnly } from '../platform/allow-only.ts'
import {
  databaseNow,
  parseCursor,
  parseLimit,
  parseProject,
  parseRange,
  single,
} from '../platform/query-params.ts'
import { parseBody } from '../platform/validate.ts'
import { listReleases, ReleaseCursor } from './list-releases.ts'
import { reportRelease } from './report-release.ts'

export function releaseRoutes({ sql }: Context): Router {
  const router = Router()
  router
    .route('/releases')
    .get(async function getReleases(request, response) {
      const { query } = request
      response.json(
        await listReleases(sql, {
          projectId: parseProject(request),
          range: parseRange(query, await databaseNow(sql)),
          service: single(query, 'service'),
          limit: parseLimit(query),
          after: parseCursor(query, ReleaseCursor),
        }),
      )
    })
    .post(async function postRelease(request, response) {
      const projectId = parseProject(request)
      const input = parseBody(ReleaseInput, request.body)
      response.status(201).json(await reportRelease(sql, projectId, input))
    })
    .all(allowOnly('GET', 'POST'))
  return router
}
