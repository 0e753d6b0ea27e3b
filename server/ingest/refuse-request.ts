import { AppError, UnavailableError } from '../platform/errors.ts'
import type { Log } from '../platform/log.ts'
import { DecodeError } from './otlp.ts'
import type { Refusal } from './otlp-answer.ts'

/** The answer to a request whose handling threw. */
export function toRefusal(error: unknown, log: Log): Refusal {
  if (error instanceof DecodeError) return { status: 400, message: error.message }
  if (error instanceof AppError) {
    const { status, message, retryAfterS } = error
    return { status, message, retryAfterS }
  }
  // OTLP forbids retrying a 500, and a fault of ours must not cost the sender its spans.
  log.error({ error }, 'ingest failed')
  const { status, message, retryAfterS } = new UnavailableError(
    'the collector failed; send again',
    { retryAfterS: 5 },
  )
  return { status, message, retryAfterS }
}
