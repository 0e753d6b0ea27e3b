import { asRecord } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { overrideMethod } from '../tap/override.ts'
import type { Restore } from '../tap/override.ts'

/** Asks for usage in streamed chat completions that do not say whether they want it. */
export function forceStreamUsage(completions: UnknownRecord | undefined): Restore {
  const create = completions?.['create']
  if (completions === undefined || typeof create !== 'function') return () => undefined
  return overrideMethod(completions, 'create', function asked(this: unknown, ...args: unknown[]) {
    const [body, ...rest] = args
    return Reflect.apply(create, this, [withUsage(body), ...rest])
  })
}

/** The application's own object stays as it is. */
function withUsage(value: unknown): unknown {
  const body = asRecord(value)
  if (body?.['stream'] !== true) return value
  const options = asRecord(body['stream_options'])
  if (options?.['include_usage'] !== undefined) return value
  return { ...body, stream_options: { ...options, include_usage: true } }
}
