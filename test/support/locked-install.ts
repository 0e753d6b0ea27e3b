import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CACHE = fileURLToPath(new URL('../../.sightline/test-packages', import.meta.url))

/**
 * Installs a lock file, once for all runs of the tests, and answers the folder that holds its
 * `node_modules`. No package's script is run.
 */
export async function installLocked(manifest: string, lock: string): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const key = createHash('sha256').update(manifest).update(lock).update(platform).digest('hex')
  const folder = join(CACHE, key.slice(0, 16))
  if (existsSync(folder)) return folder
  // In a folder of its own first: who finds the final one finds it whole.
  const draft = join(CACHE, `draft-${randomUUID()}`)
  await mkdir(draft, { recursive: true })
  await writeFile(join(draft, 'package.json'), manifest)
  await writeFile(join(draft, 'package-lock.json'), lock)
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: draft,
  })
  try {
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}
