import type { Release } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'

export type ReleaseRow = Pick<Release, 'release' | 'at' | 'source' | 'meta'> & {
  service: string
  environment: string
}

export function releaseColumns(sql: Sql): ReturnType<Sql> {
  return sql`release, service, environment, at, source, meta`
}

export function toRelease(row: ReleaseRow): Release {
  const { release, service, environment, at, source, meta } = row
  return { release, service: orNull(service), environment: orNull(environment), at, source, meta }
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}
