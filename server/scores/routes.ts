import { Router } from 'express'
import * as z from 'zod/mini'
import type { Context } from '../context.ts'
import { TraceId } from '../contract/index.ts'
import { allowOnly } from '../platform/allow-only.ts'
import { BadRequestError } from '../platform/errors.ts'
import {
  databaseNow,
  parseCursor,
  parseFilters,
  parseLimit,
  parseProject,
  parseRange,
  single,
  type QueryParams,
} from '../platform/query-params.ts'
import { listScores, ScoreCursor } from './list-scores.ts'
import { parseScores } from './parse-score.ts'
import { saveScores } from './save-score.ts'

export function scoreRoutes({ sql }: Context): Router {
  const router = Router()
  router
    .route('/scores')
    .get(async function getScores(request, response) {
      const { query } = request
      const traceId = traceIdOf(query)
      const isOfAnyTime =
        traceId !== undefined &&
        single(query, 'from') === undefined &&
        single(query, 'to') === undefined
      response.json(
        await listScores(sql, {
          projectId: parseProject(request),
          range: isOfAnyTime ? undefined : parseRange(query, await databaseNow(sql)),
          name: single(query, 'name'),
          traceId,
          filters: parseFilters(query),
          limit: parseLimit(query),
          after: parseCursor(query, ScoreCursor),
        }),
      )
    })
    .post(async function postScore(request, response) {
      const projectId = parseProject(request)
      const scores = parseScores(request.body)
      const saved = await saveScores(sql, projectId, scores.items)
      response.status(201).json(scores.isBatch ? { items: saved } : saved[0])
    })
    .all(allowOnly('GET', 'POST'))
  return router
}

function traceIdOf(query: QueryParams): string | undefined {
  const raw = single(query, 'traceId')?.toLowerCase()
  if (raw === undefined) return undefined
  const parsed = z.safeParse(TraceId, raw)
  if (parsed.success) return parsed.data
  throw new BadRequestError('traceId must be 32 hex digits', 'traceId')
}
