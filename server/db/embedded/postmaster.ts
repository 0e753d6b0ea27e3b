import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, isRunning } from '../../bootstrap/process-record.mjs'
import { socketPath } from './listener.ts'

export type Postmaster = { pid: number; host: string; port: number; isReady: boolean }

const POLL_MS = 20
// Above every system's highest process id, so surely nobody's.
const NO_PROCESS = 2_147_483_646

/** What postmaster.pid says, whether or not that process still runs. */
export function readPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const [pid = '', , , port = '', socketDir = '', address = '', , status = ''] = lines
  return {
    pid: Number(pid),
    host: socketDir === '' ? address : socketDir,
    port: Number(port),
    isReady: status.trim() === 'ready',
  }
}

/** Whether this process id is the cluster's server, and not a stranger that got a reused id. */
export function isServerOf(cluster: string, pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid)) return false
  try {
    if (process.platform === 'linux')
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster)
    if (process.platform === 'win32') return true
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(
      'postgres',
    )
  } catch {
    return false
  }
}

/**
 * PostgreSQL refuses to start while the process id in its lock files belongs to anybody of the same
 * user, be it a stranger or a zombie. The file itself stays: its shared-memory key guards against backends that still run.
 */
export function disownLockFiles(cluster: string): void {
  const stale = readPostmaster(cluster)
  if (stale === undefined || !isAlive(stale.pid)) return
  const file = join(cluster, 'postmaster.pid')
  const [, ...rest] = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, [NO_PROCESS, ...rest].join('\n'))
  if (stale.host.startsWith('/'))
    rmSync(`${socketPath(stale.host, stale.port)}.lock`, { force: true })
}

/** Fast shutdown, then immediate (safe: recovery replays the log), then by force. */
export async function stopPostmaster(cluster: string, pid: number): Promise<void> {
  const steps = [
    ['SIGINT', 6_000],
    ['SIGQUIT', 2_000],
    ['SIGKILL', 5_000],
  ] as const
  for (const [signal, patienceMs] of steps) {
    if (!isServerOf(cluster, pid)) return
    process.kill(pid, signal)
    if (await hasEnded(pid, patienceMs)) return
  }
  throw new Error(`the database process ${pid} of ${cluster} does not end, even by SIGKILL`)
}

async function hasEnded(pid: number, patienceMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += POLL_MS) {
    if (!isRunning(pid)) return true
    await delay(POLL_MS)
  }
  return !isRunning(pid)
}
