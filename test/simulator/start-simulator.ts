import { createServer } from 'node:http'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { parseBehaviour, USUAL_FAILURES } from './behaviour.ts'
import { embeddingBody } from './embeddings.ts'
import { parseChatRequest } from './parse-request.ts'
import { fnv1a, hex32 } from './random.ts'
import { requestHash, simulateCall } from './simulate-call.ts'
import { completionBody, streamEvents } from './sse.ts'
import type { FailureRates } from './behaviour.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatRequest } from './wire.ts'

export type Clock = {
  now(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

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

type Settings = Required<SimulatorOptions> & { countsByHash: Map<number, number> }

const MAX_BODY_BYTES = 8 * 1024 * 1024
const MAX_REMEMBERED_REQUESTS = 50_000
/** How long a `timeout` request is left hanging before the connection is cut. */
const HANG_MS = 120_000
const MODELS = ['gpt-5-mini', 'gpt-4.1-mini', 'gpt-4o-mini', 'text-embedding-3-small']

/** Starts a loopback provider that speaks the OpenAI chat format, seeded throughout. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const settings: Settings = {
    port: 0,
    host: '127.0.0.1',
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
    handle(request, response, { settings, stop: stop.signal }).catch((error: unknown) => {
      if (!response.headersSent) sendError(response, 500, String(error))
      response.destroy()
    })
  })
  const port = await listen(server, settings)

  async function close(): Promise<void> {
    stop.abort()
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { url: `http://${settings.host}:${port}`, port, close, [Symbol.asyncDispose]: close }
}

const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, { signal })
  },
}

type Scope = { settings: Settings; stop: AbortSignal }

async function listen(server: Server, { port, host }: Settings): Promise<number> {
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

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  scope: Scope,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? ''
  const route = `${request.method} ${path.replace(/\/$/, '')}`
  if (route === 'GET /v1/models') return sendModels(response)
  if (route !== 'POST /v1/chat/completions' && route !== 'POST /v1/embeddings') {
    return sendError(response, 404, `Unknown request URL: ${route}.`)
  }
  const body = await readJson(request)
  if (body === undefined) {
    return sendError(response, 400, 'The request body is not JSON of at most 8 MiB.')
  }
  if (route === 'POST /v1/embeddings') {
    return sendEmbeddings(response, body, scope.settings)
  }
  const parsed = parseChatRequest(body)
  if (parsed.status === 'invalid') return sendError(response, 400, parsed.message, parsed.param)
  const call = callFor(parsed.request, request.headers['x-sim-behaviour'], scope.settings)
  await answer(call, parsed.request, { response, ...scope })
}

function callFor(
  request: ChatRequest,
  header: string | string[] | undefined,
  settings: Settings,
): SimulatedCall {
  const { countsByHash, seed, failureRates, ttftFactor } = settings
  const behaviour = parseBehaviour(header?.toString()) ?? parseBehaviour(request.model)
  const hash = fnv1a(behaviour ?? '', requestHash(request))
  const index = countsByHash.get(hash) ?? 0
  if (countsByHash.size >= MAX_REMEMBERED_REQUESTS) countsByHash.clear()
  countsByHash.set(hash, index + 1)
  return simulateCall(request, {
    seed,
    failureRates,
    index,
    behaviour,
    ttftFactor: ttftFactor(request.model),
  })
}

async function answer(
  call: SimulatedCall,
  request: ChatRequest,
  { response, settings, stop }: Scope & { response: ServerResponse },
): Promise<void> {
  const { clock, speed } = settings
  const startedAt = clock.now()
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const signal = AbortSignal.any([stop, gone.signal])

  async function waitUntil(atMs: number): Promise<void> {
    const restMs = startedAt + atMs * speed - clock.now()
    if (speed > 0 && restMs > 0) await clock.sleep(restMs, signal)
  }
  try {
    if (call.behaviour === 'timeout') {
      await clock.sleep(HANG_MS, signal)
      response.destroy()
    } else if (call.behaviour === '429' || call.behaviour === '500') {
      await waitUntil(call.ttftMs / 4)
      sendFailure(response, call, speed)
    } else if (request.stream === true) {
      await sendStream(response, { call, request, waitUntil, signal })
    } else {
      await sendPlain(response, call, waitUntil)
    }
  } catch (error) {
    // The caller went away or the simulator is closing: nobody is left to answer.
    if (!signal.aborted) throw error
  }
}

async function sendStream(
  response: ServerResponse,
  input: {
    call: SimulatedCall
    request: ChatRequest
    waitUntil: (atMs: number) => Promise<void>
    signal: AbortSignal
  },
): Promise<void> {
  const { call, request, waitUntil, signal } = input
  await waitUntil(call.ttftMs / 2)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-request-id': requestId(call),
  })
  for (const { data, atMs } of streamEvents(call, request)) {
    await waitUntil(atMs)
    const hasRoom = response.write(`data: ${data}\n\n`)
    if (!hasRoom) await drained(response, signal)
  }
  if (call.behaviour === 'break') {
    // Destroyed only after what was written has left, so that the caller sees the same part each time.
    response.write('', () => response.destroy())
    return
  }
  response.end()
}

async function sendPlain(
  response: ServerResponse,
  call: SimulatedCall,
  waitUntil: (atMs: number) => Promise<void>,
): Promise<void> {
  await waitUntil(call.durationMs)
  const body = Buffer.from(JSON.stringify(completionBody(call)))
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-request-id': requestId(call),
  })
  if (call.behaviour === 'break') {
    response.write(body.subarray(0, body.length / 2), () => response.destroy())
    return
  }
  response.end(body)
}

function sendFailure(response: ServerResponse, call: SimulatedCall, speed: number): void {
  response.setHeader('x-request-id', requestId(call))
  if (call.behaviour === '500') {
    return sendError(response, 500, 'The model server failed on this request.')
  }
  response.setHeader('retry-after', '1')
  response.setHeader('retry-after-ms', String(Math.max(1, Math.round(1_000 * speed))))
  sendJson(response, 429, {
    error: {
      message: `Too many requests for ${call.model}: the limit per minute is used up.`,
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    },
  })
}

function sendEmbeddings(response: ServerResponse, body: unknown, { seed }: Settings): void {
  const answerBody = embeddingBody((body ?? {}) as Record<string, unknown>, seed)
  if (answerBody === undefined) {
    return sendError(response, 400, 'An embedding needs a model and a text or texts.', 'input')
  }
  sendJson(response, 200, answerBody)
}

function sendModels(response: ServerResponse): void {
  const data = MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'simulator' }))
  sendJson(response, 200, { object: 'list', data })
}

// oxlint-disable-next-line max-params -- the four parts of an OpenAI error
function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  param: string | null = null,
): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error'
  sendJson(response, status, { error: { message, type, param, code: null } })
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(bytes)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    // Not JSON: the caller is told so with a 400.
    return undefined
  }
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    response.once('drain', resolve)
    signal.addEventListener('abort', () => reject(new Error('the caller went away')), {
      once: true,
    })
  })
}

function requestId(call: SimulatedCall): string {
  return `req_${hex32(fnv1a(call.id))}`
}
