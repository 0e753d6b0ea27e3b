import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { expectAccessible, findBarriers } from '../support/axe.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'

const PAGE = `<!doctype html><meta charset="utf-8"><title>😀 page</title><body>
<script>console.error('broken'); fetch('http://127.0.0.1:9/other').catch(() => {})</script>`

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('console errors and requests to other origins are noted', async () => {
  const server = createServer((_, response) => response.end(PAGE)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await using observed = await openPage(browser, origin)

  await observed.page.goto('/', { waitUntil: 'load' })

  await eventually(() => {
    expect(observed.consoleErrors).toContain('broken')
    expect(observed.foreignRequests).toEqual(['http://127.0.0.1:9/other'])
  })
  expect(await observed.page.title()).toBe('😀 page')
  server.close()
})

test('pages keep the same-origin rules that the package would turn off by default', async () => {
  const server = createServer((_, response) => response.end(PAGE)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = (server.address() as AddressInfo).port
  await using observed = await openPage(browser, `http://127.0.0.1:${port}`)
  await observed.page.goto('/')

  const answer = observed.page.evaluate(
    (url) => fetch(url).then((response) => response.text()),
    `http://localhost:${port}/`,
  )

  await expect(answer).rejects.toThrow('Failed to fetch')
  server.close()
})

test('what keeps people out of a page is named with its place', async () => {
  const barriers = `<!doctype html><html lang="en"><title>page</title><main>
    <button></button><p style="color:#999;background:#fff">faint</p>`
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(barriers)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await using observed = await openPage(browser, origin)
  await observed.page.goto('/')

  const found = await findBarriers(observed.page)

  expect(found.map((one) => one.split(':')[0])).toEqual(['button-name', 'color-contrast'])
  expect(found[0]).toContain('at button')
  await expect(expectAccessible(observed.page)).rejects.toThrow(origin)
  server.close()
})
