import { pino } from 'pino'

export type Log = Pick<ReturnType<typeof pino>, 'debug' | 'info' | 'warn' | 'error'>

/** One logger per slice; messages are constant lower-case text, values go into fields. */
export function createLog(level: string): { forSlice(slice: string): Log } {
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // body-parser style errors carry the request body: never serialise unknown fields of errors.
      serializers: { error: describeError },
    },
    pino.destination({ fd: 2, sync: true }),
  )
  return { forSlice: (slice) => root.child({ slice }) }
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const code = (error as { code?: unknown }).code
  return {
    name,
    message,
    code,
    stack,
    cause: cause === undefined ? undefined : describeError(cause),
  }
}
