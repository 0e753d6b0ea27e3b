import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'

/**
 * What happens to a request: undefined lets it through, `cut` ends the connection, `unanswered` lets the
 * request through and ends the connection instead of answering.
 */
export type Fault = (body: Buffer) => 'cut' | 'unanswered' | FaultAnswer | undefined
export type FaultAnswer = { readonly status: number; readonly headers?: Record<string, string> }

export type FaultProxy = AsyncDisposable & {
  readonly url: string
  /** Decides about every request to come; told what it holds, unpacked. */
  fault: Fault
  /** Requests that came, let through or not. */
  readonly requests: number
  /** Settles when so many requests have come since the proxy began. */
  seen(requests: number): Promise<void>
}

/** A proxy on loopback in front of a collector, which fails as it is told. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let requests = 0
  const watchers = new Set<() => void>()
  const proxy = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing)
  })

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    requests += 1
    for (const watch of watchers) watch()
    const fault = state.fault(unpack(body, incoming.headers['content-encoding']))
    if (fault === 'cut') incoming.socket.destroy()
    else if (fault === undefined) forward(target, { incoming, body, outgoing })
    else if (fault === 'unanswered') forward(target, { incoming, body, outgoing: undefined })
    else {
      outgoing.writeHead(fault.status, fault.headers)
      outgoing.end()
    }
  }

  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const state: FaultProxy = {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    fault: () => undefined,
    get requests() {
      return requests
    },
    seen: (count) =>
      new Promise((resolve) => {
        const watch = () => {
          if (requests < count) return
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        watch()
      }),
    [Symbol.asyncDispose]: async () => {
      proxy.closeAllConnections()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
  return state
}

type Exchange = {
  readonly incoming: IncomingMessage
  readonly body: Buffer
  readonly outgoing: ServerResponse | undefined
}

function forward(target: string, { incoming, body, outgoing }: Exchange): void {
  const onward = httpRequest(
    new URL(incoming.url ?? '/', target),
    { method: incoming.method, headers: { ...incoming.headers, host: new URL(target).host } },
    (answer) => {
      if (outgoing === undefined) {
        incoming.socket.destroy()
        return
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    },
  )
  onward.on('error', () => incoming.socket.destroy())
  onward.end(body)
}

function unpack(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(body)
  return encoding === 'zstd' ? zstdDecompressSync(body) : body
}
