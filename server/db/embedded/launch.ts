import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isRunning } from '../../bootstrap/process-record.mjs'
import type { Binaries } from './binaries.ts'
import { clusterArgument, serverEnvironment } from './cluster.ts'
import type { Layout } from './layout.ts'
import type { Listener } from './listener.ts'
import { readPostmaster } from './postmaster.ts'
import { probeDatabase } from './probe.ts'
import { giveTo } from './server-user.ts'
import type { ServerUser } from './server-user.ts'
import { settingsOf } from './settings.ts'

const POLL_MS = 20
// Recovery after a crash replays at most max_wal_size.
const READY_TIMEOUT_MS = 180_000
const LOG_LINES_SHOWN = 6

/** Starts the server process and returns its id; it outlives us unless it is stopped. */
export async function launchServer(
  layout: Layout,
  program: { binaries: Binaries; user: ServerUser; listener: Listener },
): Promise<number> {
  const { binaries, user, listener } = program
  const log = openSync(layout.log, 'a', 0o600)
  try {
    giveTo(user, layout.log)
    const args = ['-D', clusterArgument(user, layout.cluster), ...settingsOf(listener)]
    const server = spawn(binaries.postgres, args, {
      ...user,
      cwd: layout.cluster,
      env: serverEnvironment(),
      // Its own session: Ctrl-C in the terminal must not stop it before we have drained.
      detached: true,
      stdio: ['ignore', log, log],
    })
    await new Promise<void>((resolve, reject) => {
      server.once('spawn', resolve).once('error', reject)
    })
    server.unref()
    if (server.pid === undefined)
      throw new Error(`${binaries.postgres} started without a process id`)
    return server.pid
  } finally {
    closeSync(log)
  }
}

/** Resolves once the server answers queries; throws when it ends or the time is over. */
export async function waitUntilReady(
  layout: Layout,
  server: { pid: number; listener: Listener; timeoutMs?: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const { pid, listener, timeoutMs = READY_TIMEOUT_MS, signal } = server
  const deadline = performance.now() + timeoutMs
  let lastError: unknown
  while (performance.now() < deadline) {
    signal?.throwIfAborted()
    if (!isRunning(pid)) {
      throw new Error(`the database process ${pid} ended while starting: ${logOf(pid, layout.log)}`)
    }
    const named = readPostmaster(layout.cluster)
    if (named?.pid === pid && named.isReady) {
      try {
        await probeDatabase(listener)
        return
      } catch (error) {
        lastError = error
      }
    }
    await delay(POLL_MS, undefined, { signal })
  }
  throw new Error(
    `the database process ${pid} did not answer within ${timeoutMs} ms: ${logOf(pid, layout.log)}`,
    { cause: lastError },
  )
}

function logOf(pid: number, file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines
      .filter((line) => line.includes(`[${pid}]`))
      .slice(-LOG_LINES_SHOWN)
      .join(' | ')
  } catch {
    return `no ${file}`
  }
}
