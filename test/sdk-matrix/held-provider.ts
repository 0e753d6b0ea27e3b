import { createServer } from 'node:http'
import type { HeldProvider } from './matrix-case.ts'

export type HeldAnswer = { readonly contentType: string; readonly parts: readonly string[] }

/** A provider whose streams begin with the parts that `answerTo` gives for a path, and never go on. */
export async function startHeldProvider(
  answerTo: (path: string) => HeldAnswer,
): Promise<HeldProvider> {
  let closed = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    closed = Promise.withResolvers<void>()
    response.on('close', closed.resolve)
    response.sendDate = false
    request.resume()
    request.on('end', () => {
      const { contentType, parts } = answerTo(request.url ?? '')
      response.writeHead(200, { 'content-type': contentType, 'x-request-id': 'req_held' })
      for (const part of parts) response.write(part)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the provider has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    closed: () => closed.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
