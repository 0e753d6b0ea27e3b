import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * What identifies a process beyond its id, which the system hands out again: its start.
 * @param {number} pid
 * @returns {{ pid: number, startedAt: string } | undefined} undefined when no such process runs
 */
export function recordOfProcess(pid) {
  if (!isAlive(pid)) return undefined
  const startedAt = startOf(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/**
 * @param {unknown} record as recordOfProcess made it, perhaps read from a torn file
 * @returns {boolean} whether that very process still runs
 */
export function isStillRunning(record) {
  if (typeof record !== 'object' || record === null) return false
  const { pid, startedAt } = /** @type {{ pid?: unknown, startedAt?: unknown }} */ (record)
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return false
  return recordOfProcess(pid)?.startedAt === startedAt
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** @param {number} pid @returns {string | undefined} */
function startOf(pid) {
  if (process.platform === 'win32') return ''
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The command name in brackets may hold spaces and brackets: count from its last bracket.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' ? undefined : fields[19]
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/**
 * Like isAlive, but a zombie counts as ended: without an init process nobody may ever reap it.
 * @param {number} pid
 */
export function isRunning(pid) {
  return process.platform === 'linux' ? recordOfProcess(pid) !== undefined : isAlive(pid)
}
