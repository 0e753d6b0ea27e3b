import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import compression from 'compression'
import express, { Router, type Request, type Response } from 'express'
import { AppError, UnavailableError } from './errors.ts'
import { cspNonceOf } from './security-headers.ts'

const YEAR_MS = 365 * 24 * 3_600_000
const NONCE_PLACE = '__CSP_NONCE__'

/** The dashboard: hashed assets for a year, and index.html for every address of a page. */
export function dashboardRoutes(webRoot: string): Router {
  const router = Router()
  // A missing asset goes on to the 404: the page itself is no script.
  router.use(
    '/assets',
    // A browser fetches each of them once, so a megabyte is better compressed anew than kept twice.
    compression(),
    express.static(path.join(webRoot, 'assets'), {
      immutable: true,
      maxAge: YEAR_MS,
      index: false,
    }),
  )
  router.use(express.static(webRoot, { index: false, maxAge: 0 }))
  router.get('/{*page}', async function getPage(request, response, next) {
    if (isPage(request)) await sendPage(webRoot, response)
    else next()
  })
  return router
}

/** The SDK's package, so that `npm i http://localhost:4318/sdk.tgz` works. */
export async function sendSdkPackage(file: string, response: Response): Promise<void> {
  const bytes = await readOptional(file)
  if (bytes === undefined) {
    throw new UnavailableError('the SDK package was not built yet: run npm start once, or wait')
  }
  response.type('application/gzip').set('cache-control', 'no-cache').send(bytes)
}

async function sendPage(webRoot: string, response: Response): Promise<void> {
  const bytes = await readOptional(path.join(webRoot, 'index.html'))
  if (bytes === undefined) {
    throw new UnavailableError('the dashboard was not built yet: npm start builds it')
  }
  const html = bytes.toString('utf8').replaceAll(NONCE_PLACE, cspNonceOf(response))
  response.type('html').set('cache-control', 'no-store').send(html)
}

function isPage(request: Request): boolean {
  if (/^\/(api|v1|otel|otlp|socket\.io|assets)(\/|$)/.test(request.path)) return false
  return path.posix.extname(request.path) === '' && request.accepts('html') !== false
}

async function readOptional(file: string): Promise<Buffer | undefined> {
  try {
    return (await stat(file)).isFile() ? await readFile(file) : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new AppError(`cannot read ${path.basename(file)}`, {
      status: 500,
      code: 'internal',
      cause: error,
    })
  }
}
