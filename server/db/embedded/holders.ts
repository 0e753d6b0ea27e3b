import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isStillRunning, recordOfProcess } from '../../bootstrap/process-record.mjs'

/**
 * The programs that use one embedded database, a file each: the last to go stops the database, and
 * a second start that fails (its port is taken) does not stop the first one's.
 */
export function addHolder(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${process.pid}-${randomUUID()}.json`)
  writeFileSync(file, JSON.stringify(recordOfProcess(process.pid)))
  return file
}

export function removeHolder(file: string): void {
  rmSync(file, { force: true })
}

/** Forgets those that were killed. */
export function countHolders(folder: string): number {
  const files = readdirSync(folder).map((name) => join(folder, name))
  const dead = files.filter((file) => !isStillRunning(readRecord(file)))
  for (const file of dead) rmSync(file, { force: true })
  return files.length - dead.length
}

function readRecord(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
