import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseBehaviour } from './behaviour.ts'
import type { Behaviour, FailureRates } from './behaviour.ts'

export type Clock = {
  now(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export type SimulatorSettings = {
  readonly seed: number
  readonly clock: Clock
  /** Multiplies every delay: 1 is real time, 0 answers at once. */
  readonly speed: number
  readonly failureRates: FailureRates
  /** Multiplies the time to the first token of a model, read for each request. */
  readonly ttftFactor: (model: string) => number
  readonly countsByHash: Map<number, number>
}

/** One kind of request and who answers it; adding a wire format is adding routes. */
export type Route = {
  readonly method: 'GET' | 'POST'
  /** Tried on the path without its query and without a trailing slash; named groups become `params`. */
  readonly path: RegExp
  handle(exchange: Exchange): Promise<void> | void
}

const MAX_BODY_BYTES = 8 * 1024 * 1024
const MAX_REMEMBERED_REQUESTS = 50_000
/** How long a `timeout` request is left hanging before the connection is cut. */
const HANG_MS = 120_000

/** One request and its answer. */
export class Exchange {
  readonly path: string
  readonly query: URLSearchParams
  params: Readonly<Record<string, string>> = {}
  /** Aborted when the caller goes away or the simulator closes. */
  readonly signal: AbortSignal
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly settings: SimulatorSettings
  readonly #startedAt: number

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { settings, stop }: { settings: SimulatorSettings; stop: AbortSignal },
  ) {
    const [path = '', query] = (request.url ?? '').split('?')
    this.path = path.replace(/\/$/, '')
    this.query = new URLSearchParams(query)
    this.request = request
    this.response = response
    this.settings = settings
    this.#startedAt = settings.clock.now()
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    this.signal = AbortSignal.any([stop, gone.signal])
  }

  /** Undefined when it is longer than 8 MiB. */
  async readBytes(): Promise<Buffer | undefined> {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of this.request) {
      const bytes = chunk as Buffer
      size += bytes.length
      if (size > MAX_BODY_BYTES) return undefined
      chunks.push(bytes)
    }
    return Buffer.concat(chunks)
  }

  /** Undefined when it is not JSON or longer than 8 MiB. */
  async readJson(): Promise<unknown> {
    const bytes = await this.readBytes()
    try {
      return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as unknown)
    } catch {
      // Not JSON: the caller is told so with a 400.
      return undefined
    }
  }

  /** What the header `x-sim-behaviour` or a model name such as `sim-429` asks for. */
  behaviourFor(model: string): Behaviour | undefined {
    const header = this.request.headers['x-sim-behaviour']?.toString()
    return parseBehaviour(header) ?? parseBehaviour(model)
  }

  /** How many requests of this hash came before. */
  indexOf(hash: number): number {
    const { countsByHash } = this.settings
    const index = countsByHash.get(hash) ?? 0
    if (countsByHash.size >= MAX_REMEMBERED_REQUESTS) countsByHash.clear()
    countsByHash.set(hash, index + 1)
    return index
  }

  /** Waits for an instant after the request, on the simulator's clock. */
  async waitUntil(atMs: number): Promise<void> {
    const { clock, speed } = this.settings
    const restMs = this.#startedAt + atMs * speed - clock.now()
    if (speed > 0 && restMs > 0) await clock.sleep(restMs, this.signal)
  }

  /** Never answers: the caller gives up, or the connection is cut in the end. */
  async hang(): Promise<void> {
    await this.settings.clock.sleep(HANG_MS, this.signal)
    this.response.destroy()
  }

  sendJson(status: number, body: object): void {
    this.response.writeHead(status, { 'content-type': 'application/json' })
    this.response.end(JSON.stringify(body))
  }

  /** Writes a part of a streamed answer, as fast as the caller takes it. */
  async write(text: string): Promise<void> {
    if (!this.response.write(text)) await drained(this.response, this.signal)
  }

  /** Ends the answer before its end; what was written leaves first, so that the caller sees the same part each time. */
  cut(last: string | Uint8Array = ''): void {
    this.response.write(last, () => this.response.destroy())
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
