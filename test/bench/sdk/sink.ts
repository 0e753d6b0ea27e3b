// A collector of its own process that acknowledges and counts: each measured process gets its own port.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { readJson, readProtobuf } from './count-spans.ts'
import type { SinkMode, SinkOptions, SinkOrder, SinkReply, SinkStats } from './sink-client.ts'

const unpack = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) }

type Port = {
  readonly server: Server
  readonly number: number
  readonly headers: Readonly<Record<string, string>>
  mode: SinkMode
  readonly ids: Set<string>
  spans: number
  bytes: number
  requests: number
  dropped: number
  readonly encodings: Set<string>
  readonly errors: string[]
}

const ports = new Map<number, Port>()

async function open({ headers = {}, mode = 'ok' }: SinkOptions): Promise<number> {
  const server = createServer((request, response) => {
    const port = [...ports.values()].find((one) => one.server === server)
    if (port !== undefined) void answer(port, request, response)
  })
  await listen(server, 0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sink has no port')
  ports.set(address.port, {
    server,
    number: address.port,
    headers,
    mode,
    ids: new Set(),
    spans: 0,
    bytes: 0,
    requests: 0,
    dropped: 0,
    encodings: new Set(),
    errors: [],
  })
  return address.port
}

async function answer(port: Port, request: IncomingMessage, response: ServerResponse) {
  try {
    const body = await buffer(request)
    if (port.mode === 'busy') {
      response.writeHead(429, { 'retry-after': '1' }).end()
      return
    }
    if (port.mode === 'plain' && request.headers['content-encoding'] !== undefined) {
      response.writeHead(415).end()
      return
    }
    // Packages also ask for prompts, send metrics and logs: these are answered, not counted.
    if (request.url?.endsWith('/traces') === true) {
      port.requests += 1
      port.bytes += body.length
      await count(port, request, body)
    }
    const type = request.headers['content-type'] ?? 'application/json'
    response.writeHead(200, { ...port.headers, 'content-type': type })
    response.end(type.includes('json') ? '{}' : undefined)
  } catch (error) {
    port.errors.push(String(error))
    response.writeHead(500).end()
  }
}

async function count(port: Port, request: IncomingMessage, body: Buffer): Promise<void> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  port.encodings.add(encoding)
  const isKnown = encoding === 'gzip' || encoding === 'zstd'
  const plain = isKnown ? await unpack[encoding](body) : body
  const isJson = request.headers['content-type']?.includes('json') === true
  const { spanIds, dropped } = isJson ? readJson(plain) : readProtobuf(plain)
  for (const id of spanIds) port.ids.add(id)
  port.spans += spanIds.length
  port.dropped = Math.max(port.dropped, dropped)
}

async function setMode(port: Port, mode: SinkMode): Promise<void> {
  const wasDown = port.mode === 'down'
  port.mode = mode
  if (mode === 'down') {
    port.server.closeAllConnections()
    await new Promise((resolve) => port.server.close(resolve))
  } else if (wasDown) await listen(port.server, port.number)
}

function statsOf({ ids, spans, bytes, requests, dropped, encodings, errors }: Port): SinkStats {
  return {
    spans: ids.size,
    repeated: spans - ids.size,
    bytes,
    requests,
    dropped,
    encodings: [...encodings],
    errors,
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}

async function obey(order: SinkOrder): Promise<SinkStats | number | undefined> {
  if (order.do === 'open') return open(order)
  const port = ports.get(order.port)
  if (port === undefined) throw new Error(`the sink has no port ${order.port}`)
  if (order.do === 'mode') {
    await setMode(port, order.mode)
    return undefined
  }
  const stats = statsOf(port)
  if (order.do === 'close') {
    ports.delete(order.port)
    port.server.closeAllConnections()
    port.server.close()
  }
  return stats
}

process.on('message', (order: SinkOrder) => {
  void (async () => {
    const reply: SinkReply = { id: order.id }
    try {
      reply.result = await obey(order)
    } catch (error) {
      reply.error = String(error)
    }
    process.send?.(reply)
  })()
})
// The benchmark's own end is the sink's.
process.on('disconnect', () => process.exit(0))
