import * as z from 'zod/mini'

const port = z.coerce.number().check(z.int(), z.gte(0), z.lte(65_535))

const Environment = z.object({
  HOST: z._default(z.string().check(z.minLength(1)), '127.0.0.1'),
  PORT: z._default(port, 4318),
  OTLP_GRPC_PORT: z._default(z.union([z.literal('off'), port]), 4317),
  DATABASE_URL: z.optional(z.string().check(z.regex(/^postgres(ql)?:\/\//))),
  SIGHTLINE_DATA_DIR: z._default(z.string().check(z.minLength(1)), '.sightline'),
  SIGHTLINE_RETENTION_DAYS: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(3650)), 30),
  SIGHTLINE_AUTH: z._default(z.enum(['auto', 'on']), 'auto'),
  /** `off` for tests that count every span of a server. */
  SIGHTLINE_CANARY: z._default(z.enum(['on', 'off']), 'on'),
  SIGHTLINE_OUTBOUND_ALLOW: z._default(z.string(), ''),
  SIGHTLINE_WEB_ROOT: z.optional(z.string()),
  SIGHTLINE_LOG_LEVEL: z._default(z.enum(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
})

export type Config = Readonly<{
  host: string
  port: number
  /** null = no OTLP over gRPC. */
  grpcPort: number | null
  databaseUrl: string | undefined
  dataDir: string
  retentionDays: number
  /** Whether the server sends itself a span a minute and looks it up. */
  canary: boolean
  /** `host:port` pairs webhooks may reach although they are not public addresses. */
  outboundAllow: readonly string[]
  /** Folder of another build of the dashboard, for those who work on it. */
  webRoot: string | undefined
  logLevel: string
}>

export class ConfigError extends Error {
  constructor(faults: string[]) {
    super(
      `Sightline cannot start with these settings:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    )
    this.name = 'ConfigError'
  }
}

/** The only reader of the environment. Throws one ConfigError that lists all faults. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.keys(Environment.def.shape)
      .map((name) => [name, env[name]])
      .filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = z.safeParse(Environment, given)
  const faults: string[] = []
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0])
      faults.push(`${name}=${shownValue(name, given[name])}: ${issue.message}`)
    }
  }
  const host = given['HOST'] ?? '127.0.0.1'
  if (!isLoopback(host)) {
    faults.push(
      `HOST=${JSON.stringify(host)}: Sightline has no log-in yet, so it listens on loopback addresses only (127.0.0.1, ::1, localhost)`,
    )
  }
  if (env['SIGHTLINE_AUTH'] === 'on') {
    faults.push('SIGHTLINE_AUTH="on": keys and log-in are not in this version yet; leave it unset')
  }
  for (const pair of outboundPairs(env['SIGHTLINE_OUTBOUND_ALLOW'] ?? '')) {
    if (!/^[^:\s]+:\d{1,5}$/.test(pair)) {
      faults.push(`SIGHTLINE_OUTBOUND_ALLOW: ${JSON.stringify(pair)} is not host:port`)
    }
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults)
  const value = parsed.data
  return Object.freeze({
    host: value.HOST,
    port: value.PORT,
    grpcPort: portOrOff(value.OTLP_GRPC_PORT),
    databaseUrl: value.DATABASE_URL,
    dataDir: value.SIGHTLINE_DATA_DIR,
    retentionDays: value.SIGHTLINE_RETENTION_DAYS,
    canary: value.SIGHTLINE_CANARY === 'on',
    outboundAllow: outboundPairs(value.SIGHTLINE_OUTBOUND_ALLOW),
    webRoot: value.SIGHTLINE_WEB_ROOT,
    logLevel: value.SIGHTLINE_LOG_LEVEL,
  })
}

/** A database URL may hold a password: only its scheme is shown. */
function shownValue(name: string, value: string | undefined): string {
  if (name !== 'DATABASE_URL') return JSON.stringify(value)
  return `${/^[a-z+]*/i.exec(value ?? '')?.[0] ?? ''}:…`
}

function portOrOff(value: number | 'off'): number | null {
  return value === 'off' ? null : value
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

function outboundPairs(raw: string): string[] {
  return raw
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
