import { encodeRetryInfo, encodeStatus, type Refusal } from './otlp-answer.ts'

/** google.rpc.Code of a refusal, as OTLP/gRPC maps them. */
const GRPC_CODE: Record<number, number> = {
  400: 3,
  401: 16,
  403: 7,
  404: 12,
  413: 8,
  415: 12,
  422: 3,
  429: 8,
  503: 14,
}
const INTERNAL = 13

/** Trailers that end a call which was refused; a RetryInfo says that it may be sent again. */
export function refusalTrailers(refusal: Refusal): Record<string, string> {
  const code = GRPC_CODE[refusal.status] ?? INTERNAL
  const trailers: Record<string, string> = {
    'grpc-status': String(code),
    'grpc-message': encodeMessage(refusal.message),
    'grpc-status-details-bin': encodeStatus(code, refusal).toString('base64'),
  }
  if (refusal.retryAfterS === undefined) return trailers
  return {
    ...trailers,
    'retry-after': String(refusal.retryAfterS),
    // Where the Python exporter looks, which does not read the details.
    'google.rpc.retryinfo-bin': encodeRetryInfo(refusal.retryAfterS).toString('base64'),
  }
}

const MAX_MESSAGE = 1_000

/** Percent-encoding of the gRPC protocol: printable ASCII but `%` stands as it is. */
function encodeMessage(text: string): string {
  let out = ''
  for (const byte of Buffer.from(text.slice(0, MAX_MESSAGE).toWellFormed())) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    out += isPlain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}
