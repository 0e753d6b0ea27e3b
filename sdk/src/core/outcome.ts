import type { Fields } from './fields.ts'
import { ATTR_RESPONSE_TIME_TO_FIRST_CHUNK, ATTR_STREAM_STATE } from './semconv.ts'
import { asNumber, asRecord, asText } from './read.ts'

/**
 * How reading an answer ended: by the provider, by the application, by a signal, by a failure, or never
 * begun.
 *
 * @example
 * const state: StreamState = 'abandoned'
 */
export type StreamState = 'complete' | 'abandoned' | 'aborted' | 'error' | 'unread'

/** How a streamed call went. */
export function streamFields({
  state,
  timeToFirstChunkMs,
}: {
  state: StreamState
  timeToFirstChunkMs?: number | undefined
}): Fields {
  return {
    [ATTR_STREAM_STATE]: state,
    [ATTR_RESPONSE_TIME_TO_FIRST_CHUNK]:
      timeToFirstChunkMs === undefined ? undefined : timeToFirstChunkMs / 1_000,
  }
}

/** What `error.type` says: the HTTP status code, else the error's class. */
export function errorType(error: unknown): string {
  const record = asRecord(error)
  const status = asNumber(record?.['status']) ?? asNumber(record?.['status_code'])
  if (status !== undefined) return String(status)
  if (!(error instanceof Error)) return typeof error === 'object' ? '_OTHER' : typeof error
  const className = asText(error.constructor?.name) ?? 'Error'
  // Of these two classes only the name tells what happened.
  const isNamed = className === 'Error' || className === 'DOMException'
  return isNamed ? (asText(error.name) ?? className) : className
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
