import type { Attributes } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE, ATTR_RESPONSE_TIME_TO_FIRST_CHUNK, ATTR_STREAM_STATE } from './semconv.ts'
import { asNumber, asRecord, asText } from './read.ts'

/** How reading an answer ended: by the provider, by the application, by a signal, by a failure, or never begun. */
export type StreamState = 'complete' | 'abandoned' | 'aborted' | 'error' | 'unread'

/** The attributes that tell how a streamed call went. */
export function streamAttributes({
  state,
  timeToFirstChunkMs,
}: {
  state: StreamState
  timeToFirstChunkMs?: number | undefined
}): Attributes {
  return {
    [ATTR_STREAM_STATE]: state,
    ...(timeToFirstChunkMs === undefined
      ? {}
      : { [ATTR_RESPONSE_TIME_TO_FIRST_CHUNK]: timeToFirstChunkMs / 1_000 }),
  }
}

/** The attributes of a failure: `error.type` is the HTTP status code, else the error's class. */
export function errorAttributes(error: unknown): Attributes {
  return { [ATTR_ERROR_TYPE]: errorType(error) }
}

export function errorType(error: unknown): string {
  const status = asNumber(asRecord(error)?.['status'])
  if (status !== undefined) return String(status)
  if (!(error instanceof Error)) return typeof error === 'object' ? '_OTHER' : typeof error
  const className = asText(error.constructor?.name) ?? 'Error'
  return className === 'Error' ? (asText(error.name) ?? 'Error') : className
}

const MAX_MESSAGE_CHARS = 2_000

export function errorMessage(error: unknown): string {
  try {
    const message = error instanceof Error ? error.message : String(error)
    return message.slice(0, MAX_MESSAGE_CHARS)
  } catch {
    return 'the thrown value cannot be shown'
  }
}
