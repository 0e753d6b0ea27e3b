import type { Channel, ChannelInput, EpochMs } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import { newChannelId } from './alert-ids.ts'

type ChannelKey = { projectId: string; channelId: string }
type ChannelRecord = {
  channelId: string
  name: string
  kind: 'webhook'
  url: string
  failingSince: EpochMs | null
  lastSuccessAt: EpochMs | null
}
/** A channel with what must never leave the server. */
export type SecretChannel = { channelId: string; name: string; url: string; secret: string }

export async function insertChannel(
  sql: Sql,
  projectId: string,
  input: ChannelInput & { config: { secret: string } },
): Promise<Channel> {
  const [row] = await sql<ChannelRecord[]>`
    insert into alert_channels (channel_id, project_id, name, kind, url, secret)
    values (${newChannelId()}, ${projectId}, ${input.name}, ${input.kind}, ${input.config.url},
      ${input.config.secret})
    returning ${columns(sql)}`
  if (row === undefined) throw new Error('insert of a channel returned no row')
  return toChannel(row)
}

/** Without a secret the old one stays. */
export async function updateChannel(
  sql: Sql,
  { projectId, channelId }: ChannelKey,
  { name, config }: ChannelInput,
): Promise<Channel | undefined> {
  const [row] = await sql<ChannelRecord[]>`
    update alert_channels set name = ${name}, url = ${config.url},
      secret = coalesce(${config.secret ?? null}, secret)
    where project_id = ${projectId} and channel_id = ${channelId}
    returning ${columns(sql)}`
  return row === undefined ? undefined : toChannel(row)
}

export async function listChannels(
  sql: Sql,
  query: { projectId: string; limit: number; after?: string | undefined },
): Promise<Channel[]> {
  const { projectId, limit, after = null } = query
  const rows = await sql<ChannelRecord[]>`
    select ${columns(sql)} from alert_channels
    where project_id = ${projectId} and (${after}::text is null or channel_id < ${after}::text)
    order by channel_id desc limit ${limit}`
  return rows.map(toChannel)
}

export async function findChannel(
  sql: Sql,
  { projectId, channelId }: ChannelKey,
): Promise<Channel | undefined> {
  const [row] = await sql<ChannelRecord[]>`
    select ${columns(sql)} from alert_channels
    where project_id = ${projectId} and channel_id = ${channelId}`
  return row === undefined ? undefined : toChannel(row)
}

export async function findSecretChannel(
  sql: Sql,
  { projectId, channelId }: ChannelKey,
): Promise<SecretChannel | undefined> {
  const [row] = await sql<SecretChannel[]>`
    select channel_id, name, url, secret from alert_channels
    where project_id = ${projectId} and channel_id = ${channelId}`
  return row
}

/** Of the ids given, those the project has no channel for. */
export async function findUnknownChannels(
  sql: Sql,
  projectId: string,
  channelIds: readonly string[],
): Promise<string[]> {
  const rows = await sql<{ channelId: string }[]>`
    select channel_id from alert_channels
    where project_id = ${projectId} and channel_id = any(${[...channelIds]}::text[])`
  const known = new Set(rows.map((row) => row.channelId))
  return channelIds.filter((channelId) => !known.has(channelId))
}

export type DeleteResult =
  | { status: 'deleted' }
  | { status: 'missing' }
  | { status: 'used'; rules: string[] }

/** A channel that a rule still names stays, or that rule would fall silent unnoticed. */
export async function deleteChannel(
  sql: Sql,
  { projectId, channelId }: ChannelKey,
): Promise<DeleteResult> {
  const [row] = await sql<{ found: number; deleted: number; rules: string[] | null }[]>`
    with users as (
      select input ->> 'name' as name from alert_rules
      where project_id = ${projectId} and deleted_at is null and input -> 'channels' ? ${channelId}
    ), deleted as (
      delete from alert_channels
      where project_id = ${projectId} and channel_id = ${channelId} and not exists (select from users)
      returning channel_id
    ), unsent as (
      update alert_outbox o set status = 'failed' from deleted d
      where o.channel_id = d.channel_id and o.status = 'pending'
    )
    select (select count(*) from alert_channels where project_id = ${projectId}
        and channel_id = ${channelId}) as found,
      (select count(*) from deleted) as deleted, (select array_agg(name) from users) as rules`
  if (row === undefined || row.found === 0) return { status: 'missing' }
  return row.deleted > 0 ? { status: 'deleted' } : { status: 'used', rules: row.rules ?? [] }
}

function columns(sql: Sql) {
  return sql`channel_id, name, kind, url, failing_since, last_success_at`
}

function toChannel(row: ChannelRecord): Channel {
  return {
    id: row.channelId,
    name: row.name,
    kind: row.kind,
    config: { url: row.url },
    status: { failingSince: row.failingSince, lastSuccessAt: row.lastSuccessAt },
  }
}
