import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync, statSync } from 'node:fs'

/** PostgreSQL refuses to run as root. Undefined: it runs as whoever runs us. */
export type ServerUser = { uid: number; gid: number } | undefined

const NOBODY = 65_534

/** As root: the owner of an existing cluster, so that a user's data stays the user's; else nobody. */
export function chooseServerUser(clusterDir: string): ServerUser {
  if (process.getuid?.() !== 0) return undefined
  if (existsSync(clusterDir)) {
    const { uid, gid } = statSync(clusterDir)
    if (uid !== 0) return { uid, gid }
  }
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') }
}

/** Asks the system rather than the mode bits, which know nothing of ACLs and mount options. */
export function canEnter(user: ServerUser, folder: string): boolean {
  if (user === undefined) return true
  const { status } = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
    ...user,
    cwd: '/',
    stdio: 'ignore',
  })
  return status === 0
}

export function giveTo(user: ServerUser, path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid)
}

function idOfNobody(flag: '-u' | '-g'): number {
  try {
    return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8', stdio: 'pipe' }).trim())
  } catch {
    return NOBODY
  }
}
