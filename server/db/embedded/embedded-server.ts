import { statSync, truncateSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { acquireFileLock } from '../../bootstrap/file-lock.mjs'
import { isRunning } from '../../bootstrap/process-record.mjs'
import type { Binaries } from './binaries.ts'
import { launchServer, waitUntilReady } from './launch.ts'
import type { Layout } from './layout.ts'
import type { Listener } from './listener.ts'
import { disownLockFiles, isServerOf, readPostmaster, stopPostmaster } from './postmaster.ts'
import type { ServerUser } from './server-user.ts'

/** What a pino logger offers, as far as it is needed here. */
export interface EmbeddedLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** A cluster that is made, and all that is needed to run its server. */
export type EmbeddedServer = {
  layout: Layout
  user: ServerUser
  binaries: Binaries
  listener: Listener
  log: EmbeddedLog
}

type Running = { pid: number; listener: Listener }

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5_000
const LOG_LIMIT_BYTES = 16 * 1024 * 1024
const ANSWER_TIMEOUT_MS = 10_000
const RECOVERY_TIMEOUT_MS = 180_000

/** One at a time may look for, start or stop the server of a folder. */
export async function lockFolder(
  server: Pick<EmbeddedServer, 'layout' | 'log'>,
  signal?: AbortSignal,
): Promise<() => void> {
  const { layout, log } = server
  return acquireFileLock(layout.lock, {
    signal,
    onWait: (holderPid) =>
      log.info({ holderPid, folder: layout.root }, 'waiting for another start on the same folder'),
  })
}

/**
 * Adopts the server that postmaster.pid names where it answers, stops it where not, and starts one
 * otherwise. To be called with the folder locked.
 */
async function ensureRunning(server: EmbeddedServer, signal?: AbortSignal): Promise<Running> {
  const { layout, listener } = server
  const adopted = await tryAdopt(server, signal)
  if (adopted !== undefined) return adopted
  disownLockFiles(layout.cluster)
  const pid = await launchServer(layout, server)
  try {
    await waitUntilReady(layout, { pid, listener, signal, timeoutMs: RECOVERY_TIMEOUT_MS })
  } catch (error) {
    await stopPostmaster(layout.cluster, pid)
    throw error
  }
  return { pid, listener }
}

/** After kill -9 the server cannot start before its last backend is gone; a full disk may be freed. */
export async function ensureRunningWithRetries(
  server: EmbeddedServer,
  options: { attempts: number; signal?: AbortSignal | undefined },
): Promise<Running> {
  const { attempts, signal } = options
  for (let attempt = 1; ; attempt += 1) {
    const release = await lockFolder(server, signal)
    try {
      boundLog(server.layout.log)
      return await ensureRunning(server, signal)
    } catch (error) {
      if (attempt >= attempts || signal?.aborted === true) throw error
      server.log.warn({ attempt, error }, 'the database did not start, another attempt follows')
    } finally {
      release()
    }
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS)
    await delay(retryMs, undefined, { signal })
  }
}

/** The server appends to its log, so cutting it is safe while it runs. */
export function boundLog(file: string): void {
  try {
    if (statSync(file).size > LOG_LIMIT_BYTES) truncateSync(file)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
  }
}

async function tryAdopt(
  server: EmbeddedServer,
  signal?: AbortSignal,
): Promise<Running | undefined> {
  const { layout, log } = server
  const found = readPostmaster(layout.cluster)
  if (found === undefined || !isServerOf(layout.cluster, found.pid)) return undefined
  const { pid } = found
  const listener = { ...server.listener, host: found.host, port: found.port }
  try {
    const timeoutMs = found.isReady ? ANSWER_TIMEOUT_MS : RECOVERY_TIMEOUT_MS
    await waitUntilReady(layout, { pid, listener, timeoutMs, signal })
    log.info({ pid }, 'adopted the database that was running already')
    return { pid, listener }
  } catch (error) {
    signal?.throwIfAborted()
    if (isRunning(pid)) {
      log.warn({ pid, error }, 'the running database does not answer and is stopped')
      await stopPostmaster(layout.cluster, pid)
    }
    return undefined
  }
}
