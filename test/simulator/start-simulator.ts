import { createServer } from 'node:http'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Server } from 'node:http'
import { ANTHROPIC_ROUTES } from './anthropic-routes.ts'
import { USUAL_FAILURES } from './behaviour.ts'
import { Exchange } from './exchange.ts'
import { GOOGLE_ROUTES } from './google-routes.ts'
import { OLLAMA_ROUTES } from './ollama-routes.ts'
import { sendOpenAIError } from './openai-answer.ts'
import { OPENAI_ROUTES } from './openai-routes.ts'
import type { FailureRates } from './behaviour.ts'
import type { Clock, Route, SimulatorSettings } from './exchange.ts'

export type SimulatorOptions = {
  seed: number
  /** 0 (the default) takes any free port. */
  port?: number
  host?: string
  clock?: Clock
  /** Multiplies every delay: 1 is real time, 0 answers at once. */
  speed?: number
  failureRates?: FailureRates
  /** Multiplies the time to the first token of a model, read for each request. */
  ttftFactor?: (model: string) => number
}

export type Simulator = {
  /** Base URL without `/v1`. */
  url: string
  port: number
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const ROUTES: readonly Route[] = [
  ...ANTHROPIC_ROUTES,
  ...GOOGLE_ROUTES,
  ...OLLAMA_ROUTES,
  ...OPENAI_ROUTES,
]

/** Starts a loopback provider that speaks the wire formats of several, seeded throughout. */
export async function startSimulator({
  port: wantedPort = 0,
  host = '127.0.0.1',
  ...options
}: SimulatorOptions): Promise<Simulator> {
  const settings: SimulatorSettings = {
    clock: REAL_CLOCK,
    speed: 1,
    failureRates: USUAL_FAILURES,
    ttftFactor: () => 1,
    ...options,
    countsByHash: new Map(),
  }
  const stop = new AbortController()
  const server = createServer((request, response) => {
    // The wall clock would make equal answers differ.
    response.sendDate = false
    const exchange = new Exchange(request, response, { settings, stop: stop.signal })
    handle(exchange).catch((error: unknown) => {
      if (!response.headersSent) sendOpenAIError(exchange, 500, { message: String(error) })
      response.destroy()
    })
  })
  const port = await listen(server, wantedPort, host)

  async function close(): Promise<void> {
    stop.abort()
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { url: `http://${host}:${port}`, port, close, [Symbol.asyncDispose]: close }
}

const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, { signal })
  },
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) {
    throw new Error(`the simulator has no port on ${host}:${port}`)
  }
  return address.port
}

async function handle(exchange: Exchange): Promise<void> {
  const { method } = exchange.request
  for (const route of ROUTES) {
    const match = route.method === method ? route.path.exec(exchange.path) : null
    if (match === null) continue
    exchange.params = { ...match.groups }
    return await answer(route, exchange)
  }
  const message = `Unknown request URL: ${method} ${exchange.path}.`
  sendOpenAIError(exchange, 404, { message })
}

async function answer(route: Route, exchange: Exchange): Promise<void> {
  try {
    await route.handle(exchange)
  } catch (error) {
    // The caller went away or the simulator is closing: nobody is left to answer.
    if (!exchange.signal.aborted) throw error
  }
}
