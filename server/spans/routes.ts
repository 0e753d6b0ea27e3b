import { Router } from 'express'
import * as z from 'zod/mini'
import type { Context } from '../context.ts'
import { SpanId, TraceId } from '../contract/index.ts'
import { allowOnly } from '../platform/allow-only.ts'
import { BadRequestError } from '../platform/errors.ts'
import {
  databaseNow,
  parseChoice,
  parseCursor,
  parseFilters,
  parseLimit,
  parseProject,
  parseRange,
} from '../platform/query-params.ts'
import { getSpan, type DescribeSpan } from './get-span.ts'
import { getTrace, TraceSpanCursor } from './get-trace.ts'
import { listSpans, SpanCursor } from './list-spans.ts'
import { listTraces, TRACE_SORTS, TraceCursor } from './list-traces.ts'

export function traceRoutes({ sql }: Context, describeSpan: DescribeSpan): Router {
  const router = Router()

  router
    .route('/traces')
    .get(async function getTraces(request, response) {
      const { query } = request
      response.json(
        await listTraces(sql, {
          projectId: parseProject(request),
          range: parseRange(query, await databaseNow(sql)),
          filters: parseFilters(query),
          sort: parseChoice(query, 'sort', TRACE_SORTS),
          limit: parseLimit(query),
          after: parseCursor(query, TraceCursor),
        }),
      )
    })
    .all(allowOnly('GET'))

  router
    .route('/spans')
    .get(async function getSpans(request, response) {
      const { query } = request
      response.json(
        await listSpans(sql, {
          projectId: parseProject(request),
          range: parseRange(query, await databaseNow(sql)),
          filters: parseFilters(query),
          limit: parseLimit(query),
          after: parseCursor(query, SpanCursor),
        }),
      )
    })
    .all(allowOnly('GET'))

  router
    .route('/traces/:traceId')
    .get(async function getOneTrace(request, response) {
      response.json(
        await getTrace(sql, {
          projectId: parseProject(request),
          traceId: parseId(TraceId, request.params, 'traceId'),
          after: parseCursor(request.query, TraceSpanCursor),
        }),
      )
    })
    .all(allowOnly('GET'))

  router
    .route('/traces/:traceId/spans/:spanId')
    .get(async function getOneSpan(request, response) {
      const name = {
        projectId: parseProject(request),
        traceId: parseId(TraceId, request.params, 'traceId'),
        spanId: parseId(SpanId, request.params, 'spanId'),
      }
      response.json(await getSpan(sql, name, describeSpan))
    })
    .all(allowOnly('GET'))

  return router
}

/** Ids are lower hex in answers; upper-case digits in an address mean the same. */
function parseId(
  schema: typeof TraceId,
  params: Readonly<Record<string, string | string[] | undefined>>,
  name: 'traceId' | 'spanId',
): string {
  const parsed = z.safeParse(schema, String(params[name]).toLowerCase())
  if (parsed.success) return parsed.data
  const digits = name === 'traceId' ? 32 : 16
  throw new BadRequestError(`${name} must be ${digits} hex digits`, name)
}
