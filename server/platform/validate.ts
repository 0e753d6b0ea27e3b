import * as z from 'zod/mini'
import { en } from 'zod/locales'
import { InvalidValueError } from './errors.ts'

// zod/mini comes without messages.
z.config(en())

/** Reads a request body; the 422 names the first field that is wrong. */
export function parseBody<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  const parsed = z.safeParse(schema, body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw new InvalidValueError(
    `${field === '' ? 'the body' : field}: ${issue?.message ?? 'not valid'}`,
    field === '' ? 'body' : field,
  )
}
