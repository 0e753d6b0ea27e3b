import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { checkOutboundUrl, safeFetch, type OutboundPolicy } from './safe-fetch.ts'

const servers: Server[] = []

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

function post(hostAndPort: string, policy: Partial<OutboundPolicy> = {}) {
  return safeFetch(
    { url: `http://${hostAndPort}/hook`, method: 'POST', headers: { 'x-a': 'b' }, body: 'ü' },
    { allow: [hostAndPort], ...policy },
  )
}

describe('addresses that are not public are refused', () => {
  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::1]',
    '[::]',
    '[::ffff:7f00:1]',
    '[::ffff:8.8.8.8]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
    '[2001:db8::1]',
    '[2002:7f00:1::]',
    'localhost',
    'localhost.',
    'a.localhost',
    '127.0.0.1.nip.io',
    'app.10-0-0-1.sslip.io',
    'app-192-168-1-2.nip.io',
    '7f000001.nip.io',
    'localtest.me',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.0.1',
    '192.168.0.1',
    '198.19.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '0.0.0.0',
    '１２７.0.0.1',
    '127。0。0。1',
  ])('%s', async (host) => {
    const checked = await checkOutboundUrl(`https://${host}/hook`, { allow: [] })

    expect(checked).toMatchObject({ status: 'refused', fault: 'blocked_address' })
    expect(checked).toHaveProperty('message', expect.stringMatching(/^address is not public/))
  })

  test('and nothing connects to them at send', async () => {
    let requests = 0
    const address = await listen((_request, response) => {
      requests += 1
      response.end()
    })

    expect(await post(address, { allow: [] })).toMatchObject({ fault: 'blocked_address' })
    expect(requests).toBe(0)
  })
})

describe('URLs', () => {
  test.each([
    ['http://8.8.8.8/', /plain http/],
    ['https://8.8.8.8:22/', /port 22/],
    ['https://user:pw@8.8.8.8/', /user name/],
    ['ftp://8.8.8.8/', /scheme/],
    ['/relative', /absolute/],
  ])('%s is refused', async (url, message) => {
    expect(await checkOutboundUrl(url, { allow: [] })).toMatchObject({
      status: 'refused',
      fault: 'invalid_url',
      message: expect.stringMatching(message) as string,
    })
  })

  test.each(['https://8.8.8.8/', 'https://1.1.1.1:8443/x', 'https://[2606:4700::1111]/'])(
    '%s is accepted',
    async (url) => {
      expect((await checkOutboundUrl(url, { allow: [] })).status).toBe('ok')
    },
  )

  test('an allowed host and port does not allow another port', async () => {
    const checked = await checkOutboundUrl('http://127.0.0.1:81/', { allow: ['127.0.0.1:80'] })

    expect(checked.status).toBe('refused')
  })
})

describe('exchange', () => {
  test('the body arrives whole and the answer comes back', async () => {
    const seen: string[] = []
    const address = await listen((request, response) => {
      request.setEncoding('utf8')
      request.on('data', (chunk: string) => seen.push(chunk))
      request.on('end', () => response.writeHead(503, { 'retry-after': '7' }).end('busy'))
    })

    expect(await post(address)).toEqual({
      status: 'response',
      httpStatus: 503,
      retryAfter: '7',
      preview: 'busy',
    })
    expect(seen.join('')).toBe('ü')
  })

  test('an allowed name is reached at whichever of its addresses listens', async () => {
    const address = await listen((_request, response) => response.end())

    expect(await post(address.replace('127.0.0.1', 'localhost'))).toMatchObject({ httpStatus: 200 })
  })

  test('a redirect is answered as it is, not followed', async () => {
    const paths: (string | undefined)[] = []
    const address = await listen((request, response) => {
      paths.push(request.url)
      response.writeHead(302, { location: '/other' }).end()
    })

    expect(await post(address)).toMatchObject({ httpStatus: 302 })
    expect(paths).toEqual(['/hook'])
  })

  test('an endless answer is cut at 64 KiB', async () => {
    const address = await listen((_request, response) => {
      const flood = () => {
        while (response.write(Buffer.alloc(16_384))) if (response.destroyed) return
      }
      response.on('drain', flood)
      flood()
    })

    expect(await post(address)).toMatchObject({ status: 'failed', fault: 'body_too_large' })
  })

  test('a receiver that never answers is given up', async () => {
    const address = await listen(() => undefined)

    expect(await post(address, { timeoutMs: 50 })).toMatchObject({ fault: 'timeout' })
  })

  test('a reset is a network fault', async () => {
    const address = await listen((request) => request.socket.destroy())

    expect(await post(address)).toMatchObject({ fault: 'network', message: 'ECONNRESET' })
  })

  test('https to a plain port is a TLS fault', async () => {
    const address = await listen(() => undefined)
    const request = { url: `https://${address}/`, method: 'POST', headers: {}, body: '' } as const

    expect(await safeFetch(request, { allow: [address] })).toMatchObject({ fault: 'tls' })
  })

  test('an abort from outside ends the wait', async () => {
    const controller = new AbortController()
    const address = await listen(() => controller.abort())
    const request = { url: `http://${address}/`, method: 'GET', headers: {}, body: '' } as const

    const result = await safeFetch({ ...request, signal: controller.signal }, { allow: [address] })

    expect(result).toMatchObject({ fault: 'aborted' })
  })
})
