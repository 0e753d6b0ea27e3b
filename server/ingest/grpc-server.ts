import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { exportSignals } from './export-signals.ts'
import { answerGrpcCall, type GrpcCalls } from './grpc-call.ts'

// Over Node's own HTTP/2: @grpc/grpc-js gathers and inflates each message (64 MiB of it) before any
// code of ours hears of it, so what all calls hold at once could be neither counted nor bounded.

export type GrpcServer = AsyncDisposable & { port: number }

type GrpcOptions = Omit<GrpcCalls, 'signals'> & {
  host: string
  port: number
  /** Listens on the server, as the HTTP port is listened on. */
  listen(server: Http2Server, address: { host: string; port: number }): Promise<AddressInfo>
}

const SETTINGS = { maxConcurrentStreams: 100, initialWindowSize: 256 * 1024 }
const MAX_CONNECTIONS = 2_000
/** As for HTTP: a client that says nothing is cut off. */
const FIRST_FRAME_MS = 10_000
const IDLE_MS = 600_000
const DRAIN_LIMIT_MS = 4_000

/** OTLP/gRPC without TLS. Disposing answers the calls under way, and cuts what is left after 4 s. */
export async function startGrpcServer(options: GrpcOptions): Promise<GrpcServer> {
  const { pipeline, log, host } = options
  const calls = { pipeline, log, signals: exportSignals(pipeline) }
  const server = createServer({ settings: SETTINGS })
  server.maxConnections = MAX_CONNECTIONS
  const sessions = new Set<ServerHttp2Session>()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('session', (session) => keepSession(session, sessions))
  // It answers every failure itself.
  server.on('stream', (stream, headers) => void answerGrpcCall(calls, stream, headers))
  const { port } = await options.listen(server, { host, port: options.port })
  return {
    port,
    [Symbol.asyncDispose]: () => drain(server, { sessions, sockets }),
  }
}

function keepSession(session: ServerHttp2Session, sessions: Set<ServerHttp2Session>): void {
  sessions.add(session)
  // A broken connection is its client's to mend; the session is closed by Node.
  session.on('error', () => undefined)
  const silent = setTimeout(() => session.destroy(), FIRST_FRAME_MS)
  session.once('remoteSettings', () => clearTimeout(silent))
  session.setTimeout(IDLE_MS, () => session.close())
  session.on('close', () => {
    clearTimeout(silent)
    sessions.delete(session)
  })
}

/** Accepts nothing new, says so to the senders (GOAWAY) and lets the calls under way end. */
async function drain(
  server: Http2Server,
  { sessions, sockets }: { sessions: Set<ServerHttp2Session>; sockets: Set<Socket> },
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const session of sessions) session.close()
  // A session that is closing would wait for its client to hang up, however it is destroyed.
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy()
  }, DRAIN_LIMIT_MS)
  await closed
  clearTimeout(cut)
}
