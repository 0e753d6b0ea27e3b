import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, type AppParts } from '../../server/app.ts'
import { loadConfig } from '../../server/config.ts'
import { readChunkSpans } from '../../server/ingest/read-chunk-spans.ts'
import { createBus } from '../../server/live/bus.ts'
import { createCounters } from '../../server/platform/counters.ts'
import { createLog } from '../../server/platform/log.ts'
import type { DescribeSpan } from '../../server/spans/get-span.ts'
import { traceRoutes } from '../../server/spans/routes.ts'
import type { Sql } from '../../server/db/client.ts'

export type Answer<T> = { status: number; body: T; headers: Headers }
export type ReadApi = AsyncDisposable & {
  url: string
  port: number
  /** GET under /api/v1 with parameters; a list repeats its parameter. */
  get<T>(path: string, params?: Record<string, string | number | string[]>): Promise<Answer<T>>
}

/** The HTTP app with the read routes on a free port. */
export async function startReadApi(
  sql: Sql,
  parts: Partial<AppParts> & { describeSpan?: DescribeSpan } = {},
): Promise<ReadApi> {
  const config = loadConfig({ SIGHTLINE_LOG_LEVEL: 'silent' })
  const context = { config, sql, bus: createBus(), log: createLog('silent') }
  const { describeSpan = refuseBodies, ...given } = parts
  const app = createApp(context, {
    ingest: (_request, _response, next) => next(),
    api: [traceRoutes(context, { describeSpan, readChunk: readChunkSpans })],
    counters: createCounters(),
    webRoot: '/nowhere',
    sdkPackage: '/nowhere/sdk.tgz',
    ...given,
  })
  const server = await new Promise<Server>((resolve) => {
    const started: Server = app.listen(0, '127.0.0.1', () => resolve(started))
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    async get<T>(path: string, params: Record<string, string | number | string[]> = {}) {
      const response = await fetch(`${url}/api/v1${path}?${toQuery(params)}`)
      return {
        status: response.status,
        body: (await response.json()) as T,
        headers: response.headers,
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuseBodies(): never {
  throw new Error('this test reads no bodies')
}

function toQuery(params: Record<string, string | number | string[]>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of [value].flat()) query.append(name, String(one))
  }
  return query.toString()
}
