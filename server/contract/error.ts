import * as z from 'zod/mini'

/** Body of every API error: `field` names the offending input where there is one. */
export const ApiError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    field: z.optional(z.string()),
    requestId: z.string(),
  }),
})
export type ApiError = z.infer<typeof ApiError>
