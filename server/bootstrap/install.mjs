import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { acquireFileLock } from './file-lock.mjs'
import { runNpm } from './npm.mjs'
import { announce } from './run.mjs'

/**
 * Brings node_modules to what package-lock.json says; does nothing when it is there.
 * @param {{ root: string }} place
 * @param {string} node
 */
export async function installPackages(place, node) {
  if (isInstalled(place.root)) return
  const release = await lockCheckout(place.root)
  try {
    if (isInstalled(place.root)) return
    announce('installing packages (npm ci) …')
    await runNpm(node, ['ci', '--ignore-scripts'], { cwd: place.root, what: 'npm ci' })
    writeFileSync(stampFile(place.root), lockHash(place.root))
  } finally {
    release()
  }
}

/** One set-up at a time in a checkout, whatever data folders the starts use. */
export function lockCheckout(root) {
  return acquireFileLock(join(root, '.sightline', 'setup.lock'), {
    onWait: (pid) => announce(`waiting for the set-up that process ${pid ?? '?'} is doing`),
  })
}

/** @param {string} root */
export function isInstalled(root) {
  // npm writes this file last: without it an installation broke off.
  const written = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(written)) return false
  if (readOptional(stampFile(root)) === lockHash(root)) return true
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return holds(JSON.parse(readFileSync(written, 'utf8')).packages, wanted)
}

/**
 * Whether all that this machine needs of a lock file is installed, so that a developer's own
 * `npm install` counts too.
 */
function holds(installed, wanted) {
  return Object.entries(wanted).every(([path, { version, link, ...entry }]) => {
    if (path === '' || link === true || !isNeededHere(entry)) return true
    return installed[path] === undefined
      ? version === undefined
      : installed[path].version === version
  })
}

function isNeededHere({ optional, os, cpu, libc }) {
  if (optional !== true) return true
  if (os === undefined || cpu === undefined) return false
  const libcHere = existsSync('/etc/alpine-release') ? 'musl' : 'glibc'
  return (
    os.includes(process.platform) &&
    cpu.includes(process.arch) &&
    (libc === undefined || libc.includes(libcHere))
  )
}

function stampFile(root) {
  return join(root, 'node_modules', '.sightline-installed')
}

function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

function readOptional(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
