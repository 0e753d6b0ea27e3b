import { IngestHealth } from '@sightline/server/contract'
import { queryOptions } from '@tanstack/react-query'
import { fetchJson } from './client.ts'

export const ingestHealthKey = ['ingest-health'] as const

/** The first answer; after that it is pushed. */
export const ingestHealthQuery = queryOptions({
  queryKey: ingestHealthKey,
  queryFn: ({ signal }) => fetchJson(IngestHealth, '/ingest/health', { signal }),
})
