import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const RIVALS = join(import.meta.dirname, 'rivals')
const SDK = join(import.meta.dirname, '../../../sdk')

/** Packages of one variant in a folder of their own. */
export type PackageSet = {
  readonly folder: string
  readonly packages: number
  readonly megabytes: number
}

/**
 * What a lock file of `rivals` says, installed once into the temporary folder: the benchmark's packages
 * are none of the project's.
 */
export async function installRival(name: string): Promise<PackageSet> {
  const source = join(RIVALS, name)
  const lock = await readFile(join(source, 'package-lock.json'))
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), 'sightline-bench-sdk', `${name}-${digest}`)
  if (!(await exists(folder))) {
    const fresh = await freshFolder()
    await cp(source, fresh, { recursive: true })
    await npm(fresh, ['ci'])
    await put(fresh, folder)
  }
  return describe(folder)
}

/** Ours as `npm pack` makes it, with the dependencies that its package.json asks for. */
export async function installOurs(): Promise<PackageSet & { packedBytes: number }> {
  const fresh = await freshFolder()
  await npm(SDK, ['pack', '--pack-destination', fresh])
  const tarball = (await readdir(fresh)).find((file) => file.endsWith('.tgz'))
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${fresh}`)
  await rename(join(fresh, tarball), join(fresh, 'sdk.tgz'))
  const packed = await readFile(join(fresh, 'sdk.tgz'))
  const none = await readJson(join(RIVALS, 'none/package.json'))
  const dependencies = { ...asRecord(none['dependencies']), '@sightline/sdk': 'file:sdk.tgz' }
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies })
  await writeFile(join(fresh, 'package.json'), manifest)
  // A tarball has the time of its making in it; what is in the files decides.
  const digest = await digestOf(join(SDK, 'dist'), await readFile(join(SDK, 'package.json')))
  const folder = join(tmpdir(), 'sightline-bench-sdk', `sightline-${digest}`)
  if (await exists(folder)) await rm(fresh, { recursive: true })
  else {
    await npm(fresh, ['install'])
    await put(fresh, folder)
  }
  return { ...(await describe(folder)), packedBytes: packed.length }
}

/** The variant's file beside its packages, so that its imports find them. */
export async function placeVariants(folder: string): Promise<void> {
  await cp(join(RIVALS, 'variants'), join(folder, 'variants'), { recursive: true })
}

async function npm(cwd: string, args: readonly string[]): Promise<void> {
  await run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
  })
}

async function freshFolder(): Promise<string> {
  await mkdir(join(tmpdir(), 'sightline-bench-sdk'), { recursive: true })
  return mkdtemp(join(tmpdir(), 'sightline-bench-sdk', 'new-'))
}

/** Two benchmarks at once install the same; the second finds the folder taken and drops its own. */
async function put(fresh: string, folder: string): Promise<void> {
  await rename(fresh, folder).catch(async (error: unknown) => {
    await rm(fresh, { recursive: true })
    if (!(await exists(folder))) throw error
  })
}

async function describe(folder: string): Promise<PackageSet> {
  const lock = await readJson(join(folder, 'node_modules/.package-lock.json'))
  const entries = await readdir(join(folder, 'node_modules'), {
    recursive: true,
    withFileTypes: true,
  })
  let bytes = 0
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  const packages = Object.keys(asRecord(lock['packages'])).length
  return { folder, packages, megabytes: bytes / 1_000_000 }
}

async function digestOf(folder: string, more: Buffer): Promise<string> {
  const hash = createHash('sha256').update(more)
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
  for (const path of paths.toSorted()) hash.update(path).update(await readFile(path))
  return hash.digest('hex').slice(0, 12)
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  return asRecord(JSON.parse(await readFile(path, 'utf8')))
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
