import postgres from 'postgres'
import { openSocket } from './deferred-error-socket.ts'

export type Sql = postgres.Sql<{ timestamptz: number; int8: number; date: string }>

export type DatabaseTarget = {
  /** A postgres:// URL, or a unix socket of the embedded server. */
  url?: string
  host?: string
  port?: number
  database?: string
  user?: string
}

const POSTGRES_EPOCH_TEXT =
  /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d)(?::(\d\d))?$/

/** Client for everything but ingest's COPY: timestamptz ⇄ epoch ms, int8 ⇄ number, camel case. */
export function createSql(target: DatabaseTarget, options: { max?: number } = {}): Sql {
  const settings = {
    max: options.max ?? 10,
    onnotice: () => undefined,
    connect_timeout: 10,
    socket: openSocket,
    transform: { column: { from: postgres.toCamel } },
    connection: { application_name: 'sightline', timezone: 'UTC', statement_timeout: 30_000 },
    types: {
      timestamptz: {
        to: 1184,
        from: [1184],
        serialize: (value: number | string) =>
          typeof value === 'number' ? new Date(value).toISOString() : value,
        parse: parseTimestamp,
      },
      int8: { to: 20, from: [20], serialize: String, parse: Number },
      date: {
        to: 1082,
        from: [1082],
        serialize: (value: string) => value,
        parse: (v: string) => v,
      },
    },
  }
  const own = target.url === undefined ? target : socketTarget(target.url)
  const sql =
    own === undefined
      ? postgres(target.url ?? '', settings)
      : postgres({ ...targetOf(own), ...settings })
  return sql as unknown as Sql
}

/** Epoch ms with the microseconds as a fraction. */
export function parseTimestamp(text: string): number {
  const match = POSTGRES_EPOCH_TEXT.exec(text)
  if (match === null) return Date.parse(text)
  const [, day, time, fraction = '', hours, minutes = '00'] = match
  const wholeMs = Date.parse(`${day}T${time}${hours}:${minutes}`)
  return wholeMs + Number(fraction.padEnd(6, '0')) / 1_000
}

/** The driver does not read a percent-encoded socket folder as the host of a URL; libpq and `pg` do. */
function socketTarget(url: string): DatabaseTarget | undefined {
  const { hostname, port, pathname, username, searchParams } = new URL(url)
  const host = searchParams.get('host') ?? decodeURIComponent(hostname)
  if (!host.startsWith('/')) return undefined
  return {
    host,
    port: Number(port === '' ? (searchParams.get('port') ?? 5432) : port),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
  }
}

function targetOf(target: DatabaseTarget): Record<string, unknown> {
  const { host, port, database, user } = target
  // The driver's `path` option keeps it on the unix socket, where its missing TCP_NODELAY cannot stall.
  const isSocket = host?.startsWith('/') === true
  return isSocket
    ? { path: `${host}/.s.PGSQL.${port ?? 5432}`, database, user }
    : { host, port, database, user }
}
