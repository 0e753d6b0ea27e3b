import { Router } from 'express'
import type { Context } from '../context.ts'
import { SpanId, TraceId } from '../contract/index.ts'
import { allowOnly } from '../platform/allow-only.ts'
import {
  databaseNow,
  parseChoice,
  parseCursor,
  parseFilters,
  parseLimit,
  parseProject,
  parseRange,
} from '../platform/query-params.ts'
import type { ReadChunk } from './chunk-span.ts'
import { findRoutes } from './find-routes.ts'
import { getSpan, type DescribeSpan } from './get-span.ts'
import { getTrace, PAGE_SPANS, TraceSpanCursor } from './get-trace.ts'
import { listSpans, SpanCursor } from './list-spans.ts'
import { parseId } from './parse-id.ts'
import { queryUsual } from './query-usual.ts'
import { listTraces } from './list-traces.ts'
import { TRACE_SORTS, TraceCursor } from './trace-place.ts'

/** `describeSpan` and `readChunk` read bodies: they belong to the slice that wrote them. */
export type BodyReaders = { describeSpan: DescribeSpan; readChunk: ReadChunk }

export function traceRoutes(context: Context, bodies: BodyReaders): Router {
  return Router().use(
    listRoutes(context, bodies),
    findRoutes(context, bodies.readChunk),
    oneTraceRoutes(context, bodies),
  )
}

function listRoutes({ sql }: Context, { readChunk }: BodyReaders): Router {
  const router = Router()

  router
    .route('/traces')
    .get(async function getTraces(request, response) {
      const { query } = request
      response.json(
        await listTraces(
          sql,
          {
            projectId: parseProject(request),
            range: parseRange(query, await databaseNow(sql)),
            filters: parseFilters(query),
            sort: parseChoice(query, 'sort', TRACE_SORTS),
            limit: parseLimit(query),
            after: parseCursor(query, TraceCursor),
          },
          readChunk,
        ),
      )
    })
    .all(allowOnly('GET'))

  router
    .route('/spans')
    .get(async function getSpans(request, response) {
      const { query } = request
      response.json(
        await listSpans(
          sql,
          {
            projectId: parseProject(request),
            range: parseRange(query, await databaseNow(sql)),
            filters: parseFilters(query),
            limit: parseLimit(query),
            after: parseCursor(query, SpanCursor),
          },
          readChunk,
        ),
      )
    })
    .all(allowOnly('GET'))

  return router
}

function oneTraceRoutes({ sql }: Context, { describeSpan }: BodyReaders): Router {
  const router = Router()

  router
    .route('/traces/:traceId')
    .get(async function getOneTrace(request, response) {
      response.json(
        await getTrace(sql, {
          projectId: parseProject(request),
          traceId: parseId(TraceId, request.params, 'traceId'),
          limit: parseLimit(request.query, { fallback: PAGE_SPANS, max: PAGE_SPANS }),
          after: parseCursor(request.query, TraceSpanCursor),
        }),
      )
    })
    .all(allowOnly('GET'))

  router
    .route('/traces/:traceId/usual')
    .get(async function getUsual(request, response) {
      const projectId = parseProject(request)
      const traceId = parseId(TraceId, request.params, 'traceId')
      response.json(await queryUsual(sql, { projectId, traceId }))
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
