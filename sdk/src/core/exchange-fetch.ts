import { ACCEPTS_HEADER } from './collector.ts'
import type { Exchange } from './exchange.ts'
import { runUntraced } from './suppress-tracing.ts'

const REQUEST_TIMEOUT_MS = 10_000

/** Where there is no node:http: edge runtimes and browsers. */
export function createFetchExchange(url: URL): Exchange {
  // As it was when recording began: who replaces it later wants to see the application's requests.
  const { fetch } = globalThis
  return {
    post: async ({ headers, body }) => {
      const response = await runUntraced(() =>
        fetch(url, {
          method: 'POST',
          headers,
          body: body as Uint8Array<ArrayBuffer>,
          signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        }),
      )
      return {
        status: response.status,
        retryAfter: response.headers.get('retry-after') ?? undefined,
        acceptEncoding: response.headers.get('accept-encoding') ?? undefined,
        accepts: response.headers.get(ACCEPTS_HEADER) ?? undefined,
        body: new Uint8Array(await response.arrayBuffer()),
      }
    },
    close: () => undefined,
  }
}
