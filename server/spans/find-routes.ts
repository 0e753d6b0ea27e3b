import { Router } from 'express'
import type { Context } from '../context.ts'
import { TraceId } from '../contract/index.ts'
import { allowOnly } from '../platform/allow-only.ts'
import { BadRequestError } from '../platform/errors.ts'
import {
  databaseNow,
  parseChoice,
  parseFilters,
  parseLimit,
  parseProject,
  parseRange,
  single,
} from '../platform/query-params.ts'
import type { ReadChunk } from './chunk-span.ts'
import { findNeighbours } from './find-neighbours.ts'
import { listFacets } from './list-facets.ts'
import { parseId } from './parse-id.ts'
import { TRACE_SORTS } from './trace-place.ts'

/** What helps to find a trace: the values of a field, and a trace's place in its list. */
export function findRoutes({ sql }: Context, readChunk: ReadChunk): Router {
  const router = Router()

  router
    .route('/facets')
    .get(async function getFacets(request, response) {
      const { query } = request
      const field = single(query, 'field')
      if (field === undefined) {
        throw new BadRequestError('name the field whose values are asked for: field=model', 'field')
      }
      response.json(
        await listFacets(
          sql,
          {
            projectId: parseProject(request),
            range: parseRange(query, await databaseNow(sql)),
            filters: parseFilters(query),
            field,
            contains: single(query, 'q'),
            limit: parseLimit(query),
          },
          readChunk,
        ),
      )
    })
    .all(allowOnly('GET'))

  router
    .route('/traces/:traceId/neighbours')
    .get(async function getNeighbours(request, response) {
      const { query } = request
      response.json(
        await findNeighbours(
          sql,
          {
            projectId: parseProject(request),
            traceId: parseId(TraceId, request.params, 'traceId'),
            range: parseRange(query, await databaseNow(sql)),
            filters: parseFilters(query),
            sort: parseChoice(query, 'sort', TRACE_SORTS),
          },
          readChunk,
        ),
      )
    })
    .all(allowOnly('GET'))

  return router
}
