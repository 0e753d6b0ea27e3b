import { useQuery } from '@tanstack/react-query'
import { anyTraceQuery } from '../api/queries.ts'

export type AnyData =
  | { status: 'pending' }
  | { status: 'error'; error: unknown; retry: () => void }
  | { status: 'empty' }
  | { status: 'known' }

/** Whether this project has ever received anything. */
export function useAnyData(): AnyData {
  const any = useQuery(anyTraceQuery)
  if (any.isPending) return { status: 'pending' }
  if (any.isError) return { status: 'error', error: any.error, retry: () => void any.refetch() }
  return { status: any.data.items.length === 0 ? 'empty' : 'known' }
}
