import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Binaries } from './binaries.ts'
import type { Layout } from './layout.ts'
import { DATABASE_USER } from './probe.ts'
import { canEnter, giveTo } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

const MAJOR_VERSION = '18'
const INITDB_TIMEOUT_MS = 120_000

/** Makes the cluster unless it is there. */
export async function ensureCluster(
  layout: Layout,
  program: { binaries: Binaries; user: ServerUser; signal?: AbortSignal | undefined },
): Promise<'created' | 'found'> {
  const versionFile = join(layout.cluster, 'PG_VERSION')
  if (existsSync(versionFile)) {
    const version = readFileSync(versionFile, 'utf8').trim()
    if (version === MAJOR_VERSION) return 'found'
    throw new Error(
      `${layout.cluster} was written by PostgreSQL ${version}, this version brings ${MAJOR_VERSION}; ` +
        'move the folder away to start afresh, or set DATABASE_URL',
    )
  }
  rmSync(layout.unfinishedCluster, { recursive: true, force: true })
  mkdirSync(layout.unfinishedCluster, { mode: 0o700 })
  giveTo(program.user, layout.unfinishedCluster)
  await runInitdb(layout, program)
  renameSync(layout.unfinishedCluster, layout.cluster)
  return 'created'
}

/** Says so before anything else fails with a bare EACCES. */
export function refuseForeignCluster(cluster: string): void {
  if (!existsSync(cluster)) return
  const { uid } = statSync(cluster)
  const ownUid = process.getuid?.() ?? 0
  if (ownUid === 0 || uid === ownUid) return
  throw new Error(
    `${cluster} belongs to the user with uid ${uid}, not to us (uid ${ownUid}): an earlier start was ` +
      'made by somebody else, for instance by root; start as that user, or set SIGHTLINE_DATA_DIR to another folder',
  )
}

/**
 * How the server is told its folder. The parents may be closed to the user it runs as (a home of
 * mode 0700 as root): the kernel's link to the working directory, which we enter before the change
 * of user, leads there without passing them.
 */
export function clusterArgument(user: ServerUser, cluster: string): string {
  if (canEnter(user, cluster)) return cluster
  if (process.platform === 'linux') return '/proc/self/cwd'
  throw new Error(
    `${cluster} lies in a folder that the database's user (uid ${user?.uid}) cannot enter; ` +
      'start as an ordinary user, or set SIGHTLINE_DATA_DIR to a folder that others may enter',
  )
}

/** Nothing of ours: PGDATA, PGPORT, a foreign LANG or a library path would all change the server. */
export function serverEnvironment(): Record<string, string> | undefined {
  if (process.platform === 'win32') return undefined
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}

async function runInitdb(
  layout: Layout,
  program: { binaries: Binaries; user: ServerUser; signal?: AbortSignal | undefined },
): Promise<void> {
  const { binaries, user, signal } = program
  const folder = layout.unfinishedCluster
  const args = [
    `--pgdata=${clusterArgument(user, folder)}`,
    `--username=${DATABASE_USER}`,
    '--encoding=UTF8',
    // The built-in provider sorts alike everywhere and needs no locale of the operating system.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--auth-local=trust',
    '--no-instructions',
    ...hostAuthentication(layout),
  ]
  try {
    await promisify(execFile)(binaries.initdb, args, {
      ...user,
      cwd: folder,
      env: serverEnvironment(),
      timeout: INITDB_TIMEOUT_MS,
      signal,
    })
  } catch (cause) {
    signal?.throwIfAborted()
    const { stderr = '', message } = cause as { stderr?: string; message: string }
    const hint = stderr.includes('could not look up effective user ID')
      ? '; give this uid a line in /etc/passwd, or set DATABASE_URL to use a PostgreSQL of your own'
      : ''
    const reason = `${stderr.trim() || message}${hint}`
    throw new Error(`initdb could not make a database in ${folder}: ${reason}`, { cause })
  }
}

function hostAuthentication(layout: Layout): string[] {
  if (process.platform !== 'win32') return ['--auth-host=reject']
  writeFileSync(layout.password, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return ['--auth-host=scram-sha-256', `--pwfile=${layout.password}`]
}
