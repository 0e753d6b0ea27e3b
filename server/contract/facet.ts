import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'

/**
 * Values of a field by how many traces carry them, most first. `count` is the length of the trace
 * list with `field:eq:value` added to the filter.
 */
export const FacetList = z.object({
  field: z.string(),
  items: z.array(z.object({ value: z.string(), count: z.number() })),
  /** False when a bound was met: counts are then of the newest traces, back to `countedFrom`. */
  isComplete: z.boolean(),
  countedFrom: EpochMs,
})
export type FacetList = z.infer<typeof FacetList>
