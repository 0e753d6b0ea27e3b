import { init, observe, shutdown } from '@sightline/sdk/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Ledger } from '../../server/contract/index.ts'
import { startFaultProxy } from '../faults/sdk-fault-proxy.ts'
import type { FaultProxy } from '../faults/sdk-fault-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'
import { startTestServer } from '../support/test-server.ts'
import type { TestServer } from '../support/test-server.ts'

let server: TestServer
let proxy: FaultProxy

beforeAll(async () => {
  server = await startTestServer()
  proxy = await startFaultProxy(server.url)
})

afterEach(async () => {
  proxy.fault = () => undefined
  await shutdown({ timeoutMs: 0 })
})

afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

type Counts = { readonly stored: number; readonly dropped: number }

/** What the ledger says of a service's spans. */
async function countsOf(service: string): Promise<Counts> {
  const answer = await fetch(`${server.url}/api/v1/ledger`)
  const { items } = (await answer.json()) as Ledger
  const ours = items.filter(({ source }) => source.service === service)
  return {
    stored: ours.reduce((sum, { storedSpans }) => sum + storedSpans, 0),
    dropped: ours.reduce((sum, { sdkDroppedSpans }) => sum + sdkDroppedSpans, 0),
  }
}

async function expectCounts(service: string, counts: Counts): Promise<void> {
  await eventually(async () => expect(await countsOf(service)).toEqual(counts))
}

const work = observe({ name: 'work' }, (value: string) => value)

describe('by a program of its own', () => {
  let sdk: InstalledSdk

  beforeAll(async () => {
    sdk = await installSdk()
  })

  afterAll(async () => {
    await sdk[Symbol.asyncDispose]()
  })

  function start(mode: string, service: string, body: string) {
    return sdk.start(
      `import { init, observe, shutdown } from '${mode}'
      init({ service: '${service}' })
      const work = observe({ name: 'work' }, async (value) => value)
      ${body}`,
      { SIGHTLINE_ENDPOINT: proxy.url },
    )
  }

  describe.each(['@sightline/sdk', '@sightline/sdk/core'])('with %s', (mode) => {
    test('ten thousand calls in one burst are all stored', async () => {
      const service = `burst ${mode}`
      const { ended } = start(
        mode,
        service,
        `const question = 'x'.repeat(1_000)
        for (let n = 0; n < 10_000; n += 100) {
          await Promise.all(Array.from({ length: 100 }, (_, i) => work(question + n + i)))
        }
        await shutdown({ timeoutMs: 60_000 })`,
      )

      expect(await ended).toMatchObject({ code: 0, stderr: '' })
      await expectCounts(service, { stored: 10_000, dropped: 0 })
    })

    test('ten thousand calls without a turn of the event loop are all stored', async () => {
      const service = `block ${mode}`
      const { ended } = start(
        mode,
        service,
        `const question = 'x'.repeat(1_000)
        for (let n = 0; n < 10_000; n++) void work(question + n)
        await shutdown({ timeoutMs: 60_000 })`,
      )

      expect(await ended).toMatchObject({ code: 0, stderr: '' })
      await expectCounts(service, { stored: 10_000, dropped: 0 })
    })

    test('a collector away until the program ends: it says what is lost', async () => {
      proxy.fault = () => 'cut'
      const { ended } = start(
        mode,
        `away ${mode}`,
        `for (let n = 0; n < 50; n++) await work('' + n)`,
      )

      const { code, stderr } = await ended
      expect(code).toBe(0)
      expect(stderr).toBe(`sightline: 50 spans not delivered to ${proxy.url}\n`)
    })

    test.each([
      [404, 'the collector answered 404'],
      [401, 'it answered 401: set SIGHTLINE_API_KEY or apiKey to a key that may send'],
    ])('an address that answers %s: it says so at the end', async (status, why) => {
      proxy.fault = () => ({ status })
      const { ended } = start(
        mode,
        `wrong ${mode}`,
        `for (let n = 0; n < 3; n++) await work('' + n)`,
      )

      const { code, stderr } = await ended
      expect(code).toBe(0)
      expect(stderr).toBe(`sightline: 3 spans not delivered to ${proxy.url}: ${why}\n`)
    })
  })
})

test('a collector away for a while costs nothing', async () => {
  init({ endpoint: proxy.url, service: 'partition' })
  proxy.fault = () => 'cut'
  for (let n = 0; n < 300; n++) work(`before ${n}`)
  await proxy.seen(proxy.requests + 2)
  for (let n = 0; n < 300; n++) work(`meanwhile ${n}`)
  proxy.fault = () => undefined

  expect(await shutdown()).toBe(true)
  await expectCounts('partition', { stored: 600, dropped: 0 })
})

test.each([429, 503])('a collector that answers %s for a while costs nothing', async (status) => {
  init({ endpoint: proxy.url, service: `busy ${status}` })
  proxy.fault = () => ({ status, headers: { 'retry-after': '0' } })
  for (let n = 0; n < 300; n++) work(`call ${n}`)
  await proxy.seen(proxy.requests + 10)
  proxy.fault = () => undefined

  expect(await shutdown()).toBe(true)
  await expectCounts(`busy ${status}`, { stored: 300, dropped: 0 })
})

test('a key that is not active yet costs nothing', async () => {
  init({ endpoint: proxy.url, service: 'key' })
  proxy.fault = () => ({ status: 401 })
  for (let n = 0; n < 10; n++) work(`call ${n}`)
  await proxy.seen(proxy.requests + 1)
  proxy.fault = () => undefined

  expect(await shutdown()).toBe(true)
  await expectCounts('key', { stored: 10, dropped: 0 })
})

test('batches larger than the collector takes arrive in parts; one span too large is counted', async () => {
  const drops: [number, string][] = []
  init({
    endpoint: proxy.url,
    service: 'too large',
    onDrop: (count, why) => drops.push([count, why]),
  })
  proxy.fault = (body) => (body.length > 16_384 ? { status: 413 } : undefined)
  for (let n = 0; n < 200; n++) work(`${n} `.repeat(200))
  work('x'.repeat(20_000))
  for (let n = 0; n < 50; n++) work(`${n} `.repeat(200))

  expect(await shutdown()).toBe(false)
  expect(drops).toEqual([[1, 'the collector answered 413']])
  await expectCounts('too large', { stored: 250, dropped: 1 })
})

test('what a full queue pushes out is counted exactly', async () => {
  let told = 0
  init({
    endpoint: proxy.url,
    service: 'overflow',
    onDrop: (count) => {
      told += count
    },
  })
  proxy.fault = () => ({ status: 503, headers: { 'retry-after': '0' } })
  work('the first')
  await proxy.seen(proxy.requests + 1)
  for (let n = 0; n < 26_000; n++) work(`call ${n}`)
  proxy.fault = () => undefined
  await shutdown()

  expect(told).toBeGreaterThan(5_000)
  await expectCounts('overflow', { stored: 26_001 - told, dropped: told })
})

test('a request whose answer is lost is sent again, and its spans count once', async () => {
  init({ endpoint: proxy.url, service: 'half' })
  let sent = 0
  proxy.fault = () => (++sent === 1 ? 'unanswered' : undefined)
  for (let n = 0; n < 100; n++) work(`call ${n}`)

  expect(await shutdown()).toBe(true)
  await expectCounts('half', { stored: 100, dropped: 0 })
})
