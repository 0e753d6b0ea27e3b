import express, { Router, type Express, type RequestHandler } from 'express'
import type { Context } from './context.ts'
import { openApiDocument } from './contract/openapi.ts'
import { checkReady } from './db/check-ready.ts'
import { allowOnly } from './platform/allow-only.ts'
import type { Counters } from './platform/counters.ts'
import { errorHandler, unknownPath } from './platform/error-handler.ts'
import { hostGuard, stateChangeGuard } from './platform/host-guard.ts'
import { requestId } from './platform/request-id.ts'
import { securityHeaders } from './platform/security-headers.ts'
import { dashboardRoutes, sendSdkPackage } from './platform/static-files.ts'

export type AppParts = {
  /** OTLP in: it reads its own bodies, so it stands before every body parser. */
  ingest: RequestHandler
  /** The slices' routes, mounted under /api/v1. */
  api: RequestHandler[]
  counters: Counters
  /** Folder of the built dashboard and file of the packed SDK, as absolute paths. */
  webRoot: string
  sdkPackage: string
}

const BODY_LIMIT_BYTES = 1 << 20

/** Middleware order and mounting, nothing else. */
export function createApp(ctx: Context, parts: AppParts): Express {
  const log = ctx.log.forSlice('http')
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(requestId(), securityHeaders(), hostGuard(ctx.config.host))
  app.use(operatorRoutes(ctx, parts))
  app.use(parts.ingest)
  app.use('/api', stateChangeGuard(), express.json({ limit: BODY_LIMIT_BYTES }))
  app.use('/api/v1', openApiRoutes(), ...parts.api)
  app.use(['/api', '/v1', '/otel', '/otlp'], unknownPath())
  app.use(dashboardRoutes(parts.webRoot))
  app.use(unknownPath(), errorHandler(log))
  return app
}

function operatorRoutes({ sql }: Context, { counters, sdkPackage }: AppParts): Router {
  const router = Router()
  router.get('/healthz', function getHealth(_request, response) {
    response.json({ status: 'ok' })
  })
  router.get('/readyz', async function getReadiness(_request, response) {
    const readiness = await checkReady(sql)
    response.status(readiness.status === 'ready' ? 200 : 503).json(readiness)
  })
  router.get('/metrics', function getOwnMetrics(_request, response) {
    response.type('text/plain; version=0.0.4; charset=utf-8').send(counters.render())
  })
  router.get('/sdk.tgz', async function getSdkPackage(_request, response) {
    await sendSdkPackage(sdkPackage, response)
  })
  return router
}

function openApiRoutes(): Router {
  const router = Router()
  const document = openApiDocument()
  router
    .route('/openapi.json')
    .get(function getOpenApi(_request, response) {
      response.json(document)
    })
    .all(allowOnly('GET'))
  return router
}
