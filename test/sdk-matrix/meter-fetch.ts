/** One request to the provider, as it left the client, and what became of its answer. */
export type MeteredRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  status: number | 'failed' | undefined
  /** Events of a stream, or pieces of a body, that the client has pulled. */
  events: number
  end: 'open' | 'read' | 'cancelled' | 'aborted' | 'failed'
}

export type FetchMeter = {
  readonly requests: readonly MeteredRequest[]
  [Symbol.dispose](): void
}

// Made anew for each request, or by the operating system.
const RANDOM_HEADERS = ['idempotency-key', 'x-stainless-timeout', 'content-length', 'host']

/**
 * Stands before `globalThis.fetch`, where every provider's client passes. Answers keep their bytes, but a
 * stream gives one event for each pull, so that what is read ahead can be counted exactly.
 */
export function meterFetch(
  origins: readonly string[],
  randomHeaders: readonly string[] = [],
): FetchMeter {
  const requests: MeteredRequest[] = []
  const original = globalThis.fetch
  const hidden = new Set([...RANDOM_HEADERS, ...randomHeaders])

  async function metered(...args: Parameters<typeof fetch>): Promise<Response> {
    const [input, init] = args
    const url = new URL(input instanceof Request ? input.url : String(input))
    if (!origins.includes(url.origin)) return await original(...args)
    const request = describeRequest(url, init)
    for (const name of hidden) Reflect.deleteProperty(request.headers, name)
    requests.push(request)
    try {
      const response = await original(...args)
      request.status = response.status
      return meterBody(response, request, init?.signal ?? undefined)
    } catch (error) {
      request.status = 'failed'
      request.end = init?.signal?.aborted === true ? 'aborted' : 'failed'
      throw error
    }
  }
  globalThis.fetch = metered
  return {
    requests,
    [Symbol.dispose]: () => {
      globalThis.fetch = original
    },
  }
}

function describeRequest(url: URL, init: RequestInit | undefined): MeteredRequest {
  return {
    method: init?.method ?? 'GET',
    path: url.pathname + url.search,
    headers: Object.fromEntries(new Headers(init?.headers)),
    body: bodyOf(init?.body),
    status: undefined,
    events: 0,
    end: 'open',
  }
}

function bodyOf(body: BodyInit | null | undefined): unknown {
  if (body === undefined || body === null || typeof body === 'string') return body ?? null
  if (!(body instanceof FormData)) return body.constructor.name
  return [...body].map(([name, value]) =>
    typeof value === 'string' ? [name, value] : [name, value.name, value.type, value.size],
  )
}

function meterBody(
  response: Response,
  request: MeteredRequest,
  signal: AbortSignal | undefined,
): Response {
  if (response.body === null) {
    request.end = 'read'
    return response
  }
  const reader = response.body.getReader()
  const parts = splitterFor(response.headers.get('content-type') ?? '')
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // What has arrived but was not pulled must not survive an abort, as it does not without us.
        signal?.addEventListener('abort', () => {
          if (request.end !== 'open') return
          request.end = 'aborted'
          controller.error(signal.reason)
        })
      },
      async pull(controller) {
        try {
          let part = parts.next()
          while (part === undefined) {
            const { done, value } = await reader.read()
            if (done) break
            part = parts.add(value)
          }
          part ??= parts.rest()
          if (request.end !== 'open') return
          if (part === undefined) {
            request.end = 'read'
            controller.close()
          } else {
            request.events += 1
            controller.enqueue(part)
          }
        } catch (error) {
          if (request.end !== 'open') return
          request.end = 'failed'
          controller.error(error)
        }
      },
      async cancel(reason) {
        request.end = 'cancelled'
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  const { status, statusText, headers } = response
  return new Response(body, { status, statusText, headers })
}

type Splitter = {
  next(): Uint8Array | undefined
  add(bytes: Uint8Array): Uint8Array | undefined
  rest(): Uint8Array | undefined
}

/** Cuts a stream after each event, whatever pieces the network makes of it. */
function splitterFor(contentType: string): Splitter {
  const isEvents = contentType.includes('event-stream')
  // Google ends its events with another kind of line break.
  const ends = isEvents ? ['\n\n', '\r\n\r\n'] : ['\n']
  const isStream = isEvents || contentType.includes('ndjson')
  let pending = Buffer.alloc(0)
  const take = (length: number): Uint8Array | undefined => {
    if (length === 0) return undefined
    const part = new Uint8Array(pending.subarray(0, length))
    pending = pending.subarray(length)
    return part
  }
  const next = () => {
    if (!isStream) return take(pending.length)
    const lengths = ends
      .map((end) => pending.indexOf(end) + end.length)
      .filter((length, position) => length >= (ends[position]?.length ?? 0))
    return lengths.length === 0 ? undefined : take(Math.min(...lengths))
  }
  return {
    next,
    add: (bytes) => {
      pending = Buffer.concat([pending, bytes])
      return next()
    },
    rest: () => take(pending.length),
  }
}
