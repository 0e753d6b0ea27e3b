import type { Response } from 'express'
import type { TracesAnswer } from './pipeline.ts'

export type OtlpFormat = 'protobuf' | 'json'

const CONTENT_TYPE = { json: 'application/json', protobuf: 'application/x-protobuf' } as const
/** google.rpc.Code, which OTLP's Status carries beside the HTTP code. */
const RPC_CODE: Record<number, number> = {
  400: 3,
  404: 5,
  405: 12,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
}
const MAX_MESSAGE = 4_000

/** ExportTraceServiceResponse; partial_success stays unset on full success. */
export function sendExportAnswer(
  response: Response,
  format: OtlpFormat,
  answer: TracesAnswer,
): void {
  const rejectedSpans = answer.rejected.length
  const errorMessage = clip(
    [...answer.rejected.map(({ message }) => message), ...answer.warnings].join('; '),
  )
  const isWhole = rejectedSpans === 0 && errorMessage === ''
  if (format === 'json') {
    const partialSuccess = { rejectedSpans: String(rejectedSpans), errorMessage }
    sendBytes(response, format, Buffer.from(JSON.stringify(isWhole ? {} : { partialSuccess })))
    return
  }
  const partial = Buffer.concat([varintField(1, rejectedSpans), textField(2, errorMessage)])
  sendBytes(response, format, isWhole ? Buffer.alloc(0) : bytesField(1, partial))
}

/** google.rpc.Status in the request's own format (JSON where it is not known). */
export function sendStatus(
  response: Response,
  format: OtlpFormat,
  failure: { status: number; message: string; retryAfterS?: number | undefined },
): void {
  response.status(failure.status)
  if (failure.retryAfterS !== undefined) response.setHeader('retry-after', failure.retryAfterS)
  const code = RPC_CODE[failure.status] ?? 13
  const message = clip(failure.message)
  const body =
    format === 'json'
      ? Buffer.from(JSON.stringify({ code, message }))
      : Buffer.concat([varintField(1, code), textField(2, message)])
  sendBytes(response, format, body)
}

function sendBytes(response: Response, format: OtlpFormat, body: Buffer): void {
  response.setHeader('content-type', CONTENT_TYPE[format])
  response.setHeader('content-length', body.length)
  response.end(body)
}

function clip(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`
}

function varintField(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([field << 3, ...varint(value)])
}

function textField(field: number, text: string): Buffer {
  return text === '' ? Buffer.alloc(0) : bytesField(field, Buffer.from(text))
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])
}

function varint(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...out, rest]
}
