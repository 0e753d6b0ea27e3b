import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { ApiError } from '../../server/contract/index.ts'
import type { AppParts } from '../../server/app.ts'
import { createSql } from '../../server/db/client.ts'
import { createCounters } from '../../server/platform/counters.ts'
import { parseBody } from '../../server/platform/validate.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startReadApi, type ReadApi } from '../support/read-api.ts'

type Sent = { method?: string; headers?: Record<string, string>; body?: string }
type Got = { status: number; headers: IncomingHttpHeaders; text: string }

const owned = new AsyncDisposableStack()
const counters = createCounters()
let database: TestDatabase
let api: ReadApi
let folder: string

beforeAll(async () => {
  database = await createTestDatabase()
  owned.defer(() => database.drop())
  folder = await mkdtemp(path.join(tmpdir(), 'sightline app '))
  owned.defer(() => rm(folder, { recursive: true }))
  await mkdir(path.join(folder, 'assets'))
  await writeFile(
    path.join(folder, 'index.html'),
    '<html><meta name="csp-nonce" content="__CSP_NONCE__"></html>',
  )
  await writeFile(path.join(folder, 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(path.join(folder, 'assets', 'large-3c4d.js'), LARGE_SCRIPT)
  await writeFile(path.join(folder, 'sdk.tgz'), 'packed')
  api = await startReadApi(database.sql, {
    ingest: countBytes,
    api: [echo],
    counters,
    webRoot: folder,
    sdkPackage: path.join(folder, 'sdk.tgz'),
  })
  owned.use(api)
})
afterAll(() => owned.disposeAsync())

const LARGE_SCRIPT = 'export const text = 1\n'.repeat(10_000)

const echo: AppParts['api'][number] = (incoming, response, next) => {
  if (incoming.path === '/broken') throw new Error('password=hunter2')
  if (incoming.path !== '/echo') next()
  else response.json(parseBody(z.object({ list: z.array(z.number()) }), incoming.body))
}

const countBytes: AppParts['ingest'] = async (incoming, response, next) => {
  if (incoming.path !== '/v1/traces') {
    next()
    return
  }
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) bytes += chunk.length
  response.json({ bytes })
}

/** fetch() sets Host and Origin itself, so these requests are made by hand. */
function send(
  target: string,
  { method = 'GET', headers = {}, body = '' }: Sent = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${api.url}${target}`,
      { method, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function post(body: string, headers: Record<string, string> = {}): Promise<Got> {
  const all = { 'content-type': 'application/json', ...headers }
  return send('/api/v1/echo', { method: 'POST', headers: all, body })
}

function errorOf(got: Got): ApiError['error'] {
  return ApiError.parse(JSON.parse(got.text)).error
}

test('it is alive, and ready once migrated', async () => {
  expect((await send('/healthz')).status).toBe(200)
  expect(await send('/readyz')).toMatchObject({ status: 200, text: '{"status":"ready"}' })
})

test('without its database it is alive, not ready, and lists ask for a retry', async () => {
  const sql = createSql({ host: folder, port: 5432, database: 'none', user: 'nobody' })
  await using down = await startReadApi(sql)

  const health = await fetch(`${down.url}/healthz`)
  const ready = await fetch(`${down.url}/readyz`)
  const traces = await down.get<ApiError>('/traces')
  await sql.end({ timeout: 1 })

  expect(health.status).toBe(200)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ status: 'unready', reason: expect.any(String) })
  expect(traces.status).toBe(503)
  expect(traces.headers.get('retry-after')).toBe('2')
  expect(traces.body.error.code).toBe('unavailable')
})

test('a database that was not migrated is not ready', async () => {
  await using empty = await createTestDatabase()
  await empty.sql`delete from schema_migrations`
  await using app = await startReadApi(empty.sql)

  const ready = await fetch(`${app.url}/readyz`)

  expect(ready.status).toBe(503)
  expect(await ready.text()).toContain('0001_core.sql')
})

test('its own health is shown as Prometheus reads it', async () => {
  counters.inc('sightline_test_total', { kind: 'a' })

  const got = await send('/metrics')

  expect(got.headers['content-type']).toContain('text/plain')
  expect(got.text).toMatch(/^process_resident_memory_bytes \d+$/m)
  expect(got.text).toContain('sightline_test_total{kind="a"} 1\n')
})

test('the SDK package is served, or it is said that it was not built', async () => {
  await using bare = await startReadApi(database.sql)

  const built = await send('/sdk.tgz')
  const missing = await fetch(`${bare.url}/sdk.tgz`)

  expect(built).toMatchObject({ status: 200, text: 'packed' })
  expect(missing.status).toBe(503)
  expect(await missing.text()).toContain('not built')
})

test('pages carry a policy whose nonce is theirs alone', async () => {
  const first = await send('/traces/abc', { headers: { accept: 'text/html' } })
  const second = await send('/', { headers: { accept: 'text/html' } })

  const policy = String(first.headers['content-security-policy'])
  const nonce = /content="([^"]+)"/.exec(first.text)?.[1]
  expect(nonce).toHaveLength(24)
  expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`)
  expect(policy).toContain("default-src 'none'; script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'; require-trusted-types-for 'script'")
  expect(second.text).not.toContain(nonce)
  expect(first.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  })
  expect(first.headers['x-powered-by']).toBeUndefined()
})

test('hashed assets are kept for a year, a missing one is no page', async () => {
  const asset = await send('/assets/app-1a2b.js')
  const missing = await send('/assets/app-0000.js', { headers: { accept: '*/*' } })

  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(missing.status).toBe(404)
  expect(errorOf(missing).code).toBe('not_found')
})

test('scripts travel compressed to those who take it, and whole to those who do not', async () => {
  const path = '/assets/large-3c4d.js'
  const packed = await send(path, { headers: { 'accept-encoding': 'gzip' } })
  const plain = await send(path)

  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(plain.headers['content-length']).toBe(String(LARGE_SCRIPT.length))
})

test.each(['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/assets/..%2f..%2fsdk.tgz', '/.env'])(
  'the path %s leads out of the folder nowhere',
  async (target) => {
    const got = await send(target, { headers: { accept: 'text/plain' } })

    expect([400, 403, 404]).toContain(got.status)
  },
)

test.each(['/api/v1/nothing', '/api/nothing', '/v1/nothing', '/otlp/nothing', '/nothing.json'])(
  'the unknown path %s is a 404 in JSON',
  async (target) => {
    const got = await send(target)

    expect(got.status).toBe(404)
    expect(errorOf(got).requestId).toBe(got.headers['x-request-id'])
  },
)

test.each(['evil.example', 'evil.example:4318', 'localhost.evil.example'])(
  'the host %s gets no answer from any path',
  async (host) => {
    for (const target of ['/', '/healthz', '/api/v1/openapi.json', '/v1/traces']) {
      const got = await send(target, { headers: { host } })

      expect({ target, status: got.status }).toEqual({ target, status: 421 })
    }
  },
)

test.each(['localhost:9', '[::1]', '127.0.0.1:4318'])('the host %s is answered', async (host) => {
  expect((await send('/healthz', { headers: { host } })).status).toBe(200)
})

test('a state change from another page is refused, from our own it is done', async () => {
  const foreign = await post('{"list":[]}', { origin: 'http://evil.example' })
  const neighbour = await post('{"list":[]}', { origin: 'http://localhost:3000' })
  const own = await post('{"list":[]}', { origin: api.url })
  const none = await post('{"list":[]}')

  expect(foreign.status).toBe(403)
  expect(neighbour.status).toBe(403)
  expect(own.status).toBe(200)
  expect(none.status).toBe(200)
})

test.each([
  ['a form', 'application/x-www-form-urlencoded', 'list=1', 415],
  ['plain text', 'text/plain', '{"list":[]}', 415],
  ['broken JSON', 'application/json', '{"list":', 400],
  ['a number', 'application/json', '5', 400],
  ['an array', 'application/json', '[1]', 422],
  ['an operator object', 'application/json', '{"list":{"$gt":""}}', 422],
  ['another charset', 'application/json; charset=latin9', '{"list":[]}', 415],
  ['more than 1 MiB', 'application/json', `{"list":[${'1,'.repeat(600_000)}1]}`, 413],
])('%s as a body is refused', async (...[, contentType, body, status]) => {
  const got = await post(body, { 'content-type': contentType })

  expect(got.status).toBe(status)
  expect(errorOf(got).message).not.toContain('1,1,1')
})

test('a wrong field is named', async () => {
  const got = await post('{"list":[1,"two"]}')

  expect(got.status).toBe(422)
  expect(errorOf(got)).toMatchObject({ code: 'invalid_value', field: 'list.1' })
  expect(errorOf(got).message).toContain('expected number')
})

test('a fault of our own tells its id and nothing else', async () => {
  const got = await send('/api/v1/broken')

  expect(got.status).toBe(500)
  expect(errorOf(got)).toMatchObject({ code: 'internal', requestId: got.headers['x-request-id'] })
  expect(got.text).not.toContain('hunter2')
})

test('another method on a known path is a 405 that says which there are', async () => {
  const got = await send('/api/v1/openapi.json', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })

  expect(got.status).toBe(405)
  expect(got.headers['allow']).toBe('GET')
})

test('ingest reads its bodies itself, whatever their type', async () => {
  const got = await send('/v1/traces', {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: 'abc',
  })

  expect(got).toMatchObject({ status: 200, text: '{"bytes":3}' })
})

test('the description of the API is there', async () => {
  const got = await send('/api/v1/openapi.json')

  expect(JSON.parse(got.text)).toMatchObject({ openapi: '3.1.0' })
})
