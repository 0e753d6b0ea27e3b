import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js'

export type GrpcAnswer = { code: number; message: string; body: Buffer; trailers: Metadata }

const PATHS = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}

export type GrpcClient = Disposable & {
  /** One Export call of encoded bytes; resolves whatever it was answered with. */
  send(
    body: Buffer,
    options?: { signal?: keyof typeof PATHS; path?: string; metadata?: Record<string, string> },
  ): Promise<GrpcAnswer>
}

/** A client of @grpc/grpc-js, which knows nothing of our server. */
export function openGrpcClient(port: number | null, options: { gzip?: boolean } = {}): GrpcClient {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
    ...(options.gzip === true ? { 'grpc.default_compression_algorithm': 2 } : {}),
  })
  return {
    send(body, { signal = 'traces', path = PATHS[signal], metadata = {} } = {}) {
      return new Promise((resolve) => {
        const sent = new Metadata()
        for (const [key, value] of Object.entries(metadata)) sent.set(key, value)
        const answer: GrpcAnswer = {
          code: status.OK,
          message: '',
          body: Buffer.alloc(0),
          trailers: new Metadata(),
        }
        const call = client.makeUnaryRequest(
          path,
          (value: Buffer) => value,
          (value: Buffer) => value,
          body,
          sent,
          (_error: ServiceError | null, value?: Buffer) => {
            if (value !== undefined) answer.body = value
          },
        )
        call.on('status', ({ code, details, metadata: trailers }) => {
          resolve({ ...answer, code, message: details, trailers })
        })
      })
    },
    [Symbol.dispose]: () => client.close(),
  }
}
