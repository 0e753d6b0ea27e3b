import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'

const name = z.string().check(z.minLength(1), z.maxLength(200))

/** What a deployment pipeline reports. `at` defaults to now. */
export const ReleaseInput = z.object({
  release: name,
  service: z.optional(name),
  environment: z.optional(name),
  at: z.optional(z.union([EpochMs, z.string().check(z.maxLength(40))])),
  meta: z.optional(z.record(z.string().check(z.maxLength(100)), z.unknown())),
})
export type ReleaseInput = z.infer<typeof ReleaseInput>

/** `source` tells whether it was reported, or seen as a new `service.version` on a span. */
export const Release = z.object({
  release: z.string(),
  service: z.nullable(z.string()),
  environment: z.nullable(z.string()),
  at: EpochMs,
  source: z.enum(['reported', 'seen']),
  meta: z.nullable(z.record(z.string(), z.unknown())),
})
export type Release = z.infer<typeof Release>
export const ReleaseList = z.object({
  items: z.array(Release),
  nextCursor: z.nullable(z.string()),
})
export type ReleaseList = z.infer<typeof ReleaseList>
