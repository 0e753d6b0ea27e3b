import { mkdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isRunning } from '../../bootstrap/process-record.mjs'
import { prepareBinaries } from './binaries.ts'
import { clusterArgument, ensureCluster, refuseForeignCluster } from './cluster.ts'
import { boundLog, ensureRunningWithRetries, lockFolder } from './embedded-server.ts'
import type { EmbeddedLog, EmbeddedServer } from './embedded-server.ts'
import { addHolder, countHolders, removeHolder } from './holders.ts'
import { layoutOf } from './layout.ts'
import { chooseListener, removeForeignSocketDir } from './listener.ts'
import { readPostmaster, stopPostmaster } from './postmaster.ts'
import { DATABASE, DATABASE_USER } from './probe.ts'
import { chooseServerUser } from './server-user.ts'

export type EmbeddedOptions = {
  /** The database's own folder, for instance `.sightline/postgres`. */
  dataDir: string
  log: EmbeddedLog
  /** Aborts the start; a running database is ended by stop(). */
  signal?: AbortSignal
  /** Called after the database had died and answers again. */
  onRestart?: () => void
}

export type EmbeddedPostgres = {
  /** Set only where there are no unix sockets (Windows). */
  url?: string
  /** The folder of the unix socket. */
  host: string
  port: number
  database: string
  user: string
  /** The server process; undefined while it is dead. */
  pid(): number | undefined
  /** Stops the database unless another program still uses it. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const WATCH_EVERY_MS = 200
const BOUND_LOG_EVERY_TICKS = 300
const ATTEMPTS_AT_START = 6

/**
 * Brings up the embedded PostgreSQL of a folder: made when missing, adopted when it still runs
 * after its starter was killed, started otherwise, and started again whenever it dies.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, signal, onRestart } = options
  const startedAt = performance.now()
  const layout = layoutOf(dataDir)
  refuseForeignCluster(layout.cluster)
  mkdirSync(layout.root, { recursive: true, mode: 0o755 })
  const holder = addHolder(layout.holders)
  try {
    const server = await prepareServer(options)
    const { pid, listener } = await ensureRunningWithRetries(server, {
      attempts: ATTEMPTS_AT_START,
      signal,
    })
    const elapsedMs = Math.round(performance.now() - startedAt)
    log.info({ pid, folder: layout.root, elapsedMs }, 'database ready')
    return supervise({ ...server, listener }, { holder, pid, onRestart })
  } catch (error) {
    removeHolder(holder)
    throw error
  }
}

async function prepareServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { dataDir, log, signal } = options
  const layout = layoutOf(dataDir)
  const release = await lockFolder({ layout, log }, signal)
  try {
    const user = chooseServerUser(layout.cluster)
    const binaries = prepareBinaries(user, layout.binaries)
    const made = await ensureCluster(layout, { binaries, user, signal })
    if (made === 'created') log.info({ folder: layout.cluster }, 'database created')
    if (clusterArgument(user, layout.cluster) !== layout.cluster) {
      log.info(
        { folder: layout.cluster, uid: user?.uid },
        'a parent folder is closed to the user of the database, which enters by its working directory',
      )
    }
    return { layout, user, binaries, listener: await chooseListener(layout, user), log }
  } finally {
    release()
  }
}

function supervise(
  server: EmbeddedServer,
  start: { holder: string; pid: number; onRestart: (() => void) | undefined },
): EmbeddedPostgres {
  const { layout, listener, log } = server
  const stopping = new AbortController()
  const { signal } = stopping
  let pid: number | undefined = start.pid
  let stopped: Promise<void> | undefined

  async function watch(): Promise<void> {
    for (let tick = 1; !signal.aborted; tick += 1) {
      await delay(WATCH_EVERY_MS, undefined, { signal, ref: false })
      if (tick % BOUND_LOG_EVERY_TICKS === 0) boundLog(layout.log)
      if (pid !== undefined && isRunning(pid)) continue
      log.warn({ pid }, 'the database process ended and is started again')
      pid = undefined
      const running = await ensureRunningWithRetries(server, { attempts: Infinity, signal })
      pid = running.pid
      log.info({ pid }, 'database ready again')
      start.onRestart?.()
    }
  }
  const watching = watch().catch((error: unknown) => {
    if (!signal.aborted) log.warn({ error }, 'the watch over the database process ended')
  })

  async function stop(): Promise<void> {
    stopping.abort()
    await watching
    const release = await lockFolder(server)
    try {
      removeHolder(start.holder)
      const running = readPostmaster(layout.cluster)
      if (countHolders(layout.holders) === 0 && running !== undefined) {
        await stopPostmaster(layout.cluster, running.pid)
        removeForeignSocketDir(layout, listener.host)
      }
    } finally {
      pid = undefined
      release()
    }
  }
  const stopOnce = (): Promise<void> => (stopped ??= stop())

  return {
    ...(listener.password === undefined ? {} : { url: urlOf(listener, listener.password) }),
    host: listener.host,
    port: listener.port,
    database: DATABASE,
    user: DATABASE_USER,
    pid: () => pid,
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  }
}

function urlOf(listener: { host: string; port: number }, password: string): string {
  return `postgres://${DATABASE_USER}:${password}@${listener.host}:${listener.port}/${DATABASE}`
}
