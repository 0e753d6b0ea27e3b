import type { Response } from 'express'
import type { ExportAnswer } from './export-answer.ts'

export type OtlpFormat = 'protobuf' | 'json'
export type Signal = 'traces' | 'logs' | 'metrics'

/** Why a whole request was refused. */
export type Refusal = { status: number; message: string; retryAfterS?: number | undefined }

const CONTENT_TYPE = { json: 'application/json', protobuf: 'application/x-protobuf' } as const
const REJECTED_FIELD = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const
/** google.rpc.Code, which OTLP's Status carries beside the HTTP code. */
const RPC_CODE: Record<number, number> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  413: 8,
  415: 3,
  422: 3,
  429: 8,
  503: 14,
}
const RPC_INTERNAL = 13
const MAX_MESSAGE = 4_000

/** Export{Trace,Logs,Metrics}ServiceResponse; partial_success stays unset on full success. */
export function sendExportAnswer(
  response: Response,
  answer: ExportAnswer,
  { signal, format }: { signal: Signal; format: OtlpFormat },
): void {
  const body =
    format === 'json' ? Buffer.from(jsonAnswer(answer, signal)) : encodeExportAnswer(answer)
  sendBytes(response, format, body)
}

/** The field numbers are the same in the answers of all three signals. */
export function encodeExportAnswer(answer: ExportAnswer): Buffer {
  const errorMessage = messageOf(answer)
  if (answer.rejected === 0 && errorMessage === '') return Buffer.alloc(0)
  return bytesField(1, Buffer.concat([varintField(1, answer.rejected), textField(2, errorMessage)]))
}

function jsonAnswer(answer: ExportAnswer, signal: Signal): string {
  const errorMessage = messageOf(answer)
  if (answer.rejected === 0 && errorMessage === '') return '{}'
  return JSON.stringify({
    partialSuccess: { [REJECTED_FIELD[signal]]: String(answer.rejected), errorMessage },
  })
}

function messageOf({ messages }: ExportAnswer): string {
  return clip(messages.join('; '))
}

/** google.rpc.Status in the request's own format (JSON where it is not known). */
export function sendStatus(response: Response, format: OtlpFormat, refusal: Refusal): void {
  response.status(refusal.status)
  if (refusal.retryAfterS !== undefined) response.setHeader('retry-after', refusal.retryAfterS)
  const code = RPC_CODE[refusal.status] ?? RPC_INTERNAL
  const message = clip(refusal.message)
  const body =
    format === 'json' ? Buffer.from(JSON.stringify({ code, message })) : encodeStatus(code, refusal)
  sendBytes(response, format, body)
}

/** google.rpc.Status, with a RetryInfo where the sender may send again. */
export function encodeStatus(code: number, { message, retryAfterS }: Refusal): Buffer {
  const details =
    retryAfterS === undefined
      ? Buffer.alloc(0)
      : bytesField(
          3,
          Buffer.concat([
            textField(1, 'type.googleapis.com/google.rpc.RetryInfo'),
            bytesField(2, encodeRetryInfo(retryAfterS)),
          ]),
        )
  return Buffer.concat([varintField(1, code), textField(2, clip(message)), details])
}

export function encodeRetryInfo(retryAfterS: number): Buffer {
  return bytesField(1, varintField(1, Math.ceil(retryAfterS)))
}

function sendBytes(response: Response, format: OtlpFormat, body: Buffer): void {
  response.setHeader('content-type', CONTENT_TYPE[format])
  response.setHeader('content-length', body.length)
  response.end(body)
}

function clip(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE).toWellFormed()}…`
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
