import { createServer } from 'node:http'

export type HeldProvider = {
  readonly url: string
  /** Settles when the caller has closed the connection of the stream begun last. */
  closed(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A provider whose streams begin (a role, then "one", " two", " three") and then never go on. */
export async function startHeldProvider(): Promise<HeldProvider> {
  let closed = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    closed = Promise.withResolvers<void>()
    response.on('close', closed.resolve)
    response.sendDate = false
    request.resume()
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_held' })
      for (const delta of DELTAS) response.write(`data: ${JSON.stringify(chunkOf(delta))}\n\n`)
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

const DELTAS = [{ role: 'assistant', content: '' }, ...['one', ' two', ' three'].map(content)]

function content(text: string): { content: string } {
  return { content: text }
}

function chunkOf(delta: object): object {
  return {
    id: 'chatcmpl-held',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-held-1',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
  }
}
