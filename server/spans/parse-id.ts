import * as z from 'zod/mini'
import type { TraceId } from '../contract/index.ts'
import { BadRequestError } from '../platform/errors.ts'

/** Ids are lower hex in answers; upper-case digits in an address mean the same. */
export function parseId(
  schema: typeof TraceId,
  params: Readonly<Record<string, string | string[] | undefined>>,
  name: 'traceId' | 'spanId',
): string {
  const parsed = z.safeParse(schema, String(params[name]).toLowerCase())
  if (parsed.success) return parsed.data
  const digits = name === 'traceId' ? 32 : 16
  throw new BadRequestError(`${name} must be ${digits} hex digits`, name)
}
