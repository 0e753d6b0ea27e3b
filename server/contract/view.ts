import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'

export const ViewPage = z.enum(['overview', 'traces'])
export type ViewPage = z.infer<typeof ViewPage>

/** A page's URL search kept under a name; `search` begins with `?` or is empty. */
export const SavedViewInput = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  page: ViewPage,
  search: z.string().check(z.maxLength(4_000), z.regex(/^(\?.*)?$/)),
})
export type SavedViewInput = z.infer<typeof SavedViewInput>

export const SavedView = z.extend(SavedViewInput, { id: z.string(), createdAt: EpochMs })
export type SavedView = z.infer<typeof SavedView>
export const SavedViewList = z.object({
  items: z.array(SavedView),
  nextCursor: z.nullable(z.string()),
})
export type SavedViewList = z.infer<typeof SavedViewList>
