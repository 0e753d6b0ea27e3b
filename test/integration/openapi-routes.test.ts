import type { Router } from 'express'
import { expect, test } from 'vitest'
import { apiRoutes } from '../../server/api-routes.ts'
import { loadConfig } from '../../server/config.ts'
import { openApiDocument } from '../../server/contract/openapi.ts'
import { createSql } from '../../server/db/client.ts'
import { createBus } from '../../server/live/bus.ts'
import { createLog } from '../../server/platform/log.ts'
import { queryScoreMetric } from '../../server/scores/query-score-metric.ts'
import { spanConditions } from '../../server/spans/filter-sql.ts'
import { traceRows } from '../../server/spans/trace-rows.ts'

test('the published description names every call there is, and no other', async () => {
  // Nothing is asked, so nothing is connected.
  const sql = createSql({ host: '/nowhere', port: 5432, user: 'nobody', database: 'none' })
  const context = { config: loadConfig({}), sql, bus: createBus(), log: createLog('silent') }
  const { paths } = openApiDocument() as { paths: Record<string, object> }

  const options = { spanConditions, traceRows, scoreMetric: queryScoreMetric }
  const readHealth = () => Promise.reject(new Error('nothing is asked'))
  const there = apiRoutes(context, options, readHealth).flatMap(callsOf)
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )

  expect(described.toSorted()).toEqual([...new Set(there)].toSorted())
  expect(there.length).toBeGreaterThan(30)
  await sql.end()
})

/** `get /traces/{traceId}` and so on, of a router and those within. */
function callsOf(router: Router): string[] {
  return router.stack.flatMap(({ route, handle }) => {
    if (route === undefined) return 'stack' in handle ? callsOf(handle as unknown as Router) : []
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    const methods = route.stack.flatMap(({ method }) => method ?? [])
    return [...new Set(methods)].map((method) => `${method} ${path}`)
  })
}
