import pg from 'pg'
import type { DatabaseTarget } from './client.ts'

/** One `COPY … FROM STDIN (FORMAT binary)` and the bytes it takes. */
export type CopyPart = { statement: string; data: Buffer }

export type CopyConnection = AsyncDisposable & {
  /** Runs all parts as one transaction; resolves after the commit. Never two calls at once. */
  copyAll(parts: CopyPart[]): Promise<void>
}

const CHUNK_BYTES = 256 * 1024
const CONNECT_TIMEOUT_MS = 5_000
/** Of the client's deadline: the server gives up first, so no backend commits what was answered 503. */
const SERVER_SHARE = 0.9

/**
 * Ingest's own connection. npm `postgres` hangs or crashes in streamed COPY, so this one is `pg`.
 * All parts travel in one simple-protocol message, which PostgreSQL runs as one implicit
 * transaction: there is no moment between statements in which a dead backend could be replaced.
 * After any failure other than an SQL error, or past `deadlineMs`, the connection is thrown away.
 */
export function openCopyConnection(
  target: DatabaseTarget,
  options: { deadlineMs: number },
): CopyConnection {
  let client: pg.Client | undefined

  async function connected(): Promise<pg.Client> {
    if (client !== undefined) return client
    const fresh = new pg.Client({
      ...clientTarget(target),
      statement_timeout: Math.floor(options.deadlineMs * SERVER_SHARE),
      lock_timeout: Math.floor(options.deadlineMs * SERVER_SHARE),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    })
    fresh.on('error', () => {
      if (client === fresh) client = undefined
    })
    await fresh.connect()
    client = fresh
    return fresh
  }

  function discard(broken: pg.Client): void {
    if (client === broken) client = undefined
    // `end` waits for a server that may be gone; only the socket's end is certain.
    streamOf(broken).destroy()
  }

  return {
    async copyAll(parts) {
      const current = await connected()
      try {
        await withDeadline(runCopies(current, parts), options.deadlineMs)
      } catch (error) {
        if (!isSqlError(error)) discard(current)
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      await client?.end()
      client = undefined
    },
  }
}

function runCopies(client: pg.Client, parts: CopyPart[]): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    // A client that is ended by the other side rejects nothing by itself.
    const onEnd = () => reject(new Error('the database closed the ingest connection'))
    client.once('end', onEnd)
    const settled = () => client.off('end', onEnd)
    client.query(
      new CopyQuery(parts, {
        resolve: () => (settled(), resolve()),
        reject: (error) => (settled(), reject(error)),
      }),
    )
  })
}

type Connection = {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** pg's port for own query kinds: answers each COPY of the message with the next part's bytes. */
class CopyQuery implements pg.Submittable {
  readonly #parts: CopyPart[]
  readonly #settle: { resolve(): void; reject(error: Error): void }
  #next = 0

  constructor(parts: CopyPart[], settle: { resolve(): void; reject(error: Error): void }) {
    this.#parts = parts
    this.#settle = settle
  }

  submit(connection: unknown): void {
    const text = this.#parts.map((part) => part.statement).join(';')
    ;(connection as Connection).query(text)
  }

  handleCopyInResponse(connection: Connection): void {
    const part = this.#parts[this.#next++]
    if (part === undefined) return connection.sendCopyFail('no data left for this COPY')
    for (let at = 0; at < part.data.length; at += CHUNK_BYTES) {
      connection.sendCopyFromChunk(part.data.subarray(at, at + CHUNK_BYTES))
    }
    connection.endCopyFrom()
  }

  handleError(error: Error): void {
    this.#settle.reject(error)
  }

  handleReadyForQuery(): void {
    this.#settle.resolve()
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
}

/** Rejects when `work` takes longer; what it answers then is lost. */
export function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the database did not answer within ${deadlineMs} ms`)),
      deadlineMs,
    )
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** SQLSTATEs after which a connection is of no use: broken, being shut down, internal failure. */
const BROKEN_CONNECTION = /^(08|57P|XX)/

/**
 * True for an error the server itself reported: its transaction is rolled back, the line is fine.
 * By code: the server translates `severity`. Its presence tells a server's code from EPIPE.
 */
export function isSqlError(error: unknown): error is Error & { code: string; detail?: string } {
  return (
    error instanceof Error &&
    'severity' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^[0-9A-Z]{5}$/.test(error.code) &&
    !BROKEN_CONNECTION.test(error.code)
  )
}

function clientTarget(target: DatabaseTarget): pg.ClientConfig {
  const application = { application_name: 'sightline-ingest', keepAlive: true }
  if (target.url !== undefined) return { connectionString: target.url, ...application }
  const { host, port, database, user } = target
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { user }),
    ...application,
  }
}

function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
}
