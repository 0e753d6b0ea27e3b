import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { lockCheckout } from './install.mjs'
import { runNpm } from './npm.mjs'
import { announce, runStep } from './run.mjs'

/** The dashboard, into web/dist. */
export async function buildWeb(place, node) {
  await buildOnce(place.root, {
    what: 'the dashboard',
    needs: 'web/index.html',
    sources: [
      'web/src',
      'web/public',
      'web/index.html',
      'web/vite.config.ts',
      'web/tsconfig.json',
      'web/package.json',
      'server/contract',
      'package-lock.json',
    ],
    result: 'web/dist/index.html',
    stamp: 'web/dist/.built-from',
    async build() {
      const vite = join(place.root, 'node_modules', 'vite', 'bin', 'vite.js')
      const args = [vite, 'build', '--logLevel', 'warn']
      await runStep(node, args, { cwd: join(place.root, 'web'), what: 'vite build' })
    },
  })
}

/** The SDK, into sdk/dist, and its package, into .sightline/build/sdk.tgz. */
export async function buildSdk(place, node) {
  await buildOnce(place.root, {
    what: 'the SDK',
    needs: 'sdk/src/index.ts',
    sources: [
      'sdk/src',
      'sdk/bundle.mjs',
      'sdk/package.json',
      'sdk/tsconfig.json',
      'sdk/README.md',
      'tsconfig.json',
      'package-lock.json',
    ],
    result: '.sightline/build/sdk.tgz',
    stamp: 'sdk/dist/.built-from',
    async build() {
      const tsc = join(place.root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
      rmSync(join(place.root, 'sdk', 'dist'), { recursive: true, force: true })
      await runStep(node, [tsc, '-p', 'sdk'], { cwd: place.root, what: 'tsc -p sdk' })
      const bundle = join(place.root, 'sdk', 'bundle.mjs')
      await runStep(node, [bundle], { cwd: place.root, what: 'the bundling of the SDK' })
      await packSdk(place.root, node)
    },
  })
}

async function packSdk(root, node) {
  const folder = join(root, '.sightline', 'build', 'pack')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const args = ['pack', '--ignore-scripts', '--pack-destination', folder]
  await runNpm(node, args, { cwd: join(root, 'sdk'), what: 'npm pack of the SDK' })
  const [file] = readdirSync(folder)
  if (file === undefined) throw new Error(`npm pack of the SDK left nothing in ${folder}`)
  renameSync(join(folder, file), join(root, '.sightline', 'build', 'sdk.tgz'))
  rmSync(folder, { recursive: true, force: true })
}

/** Builds unless the result was built from exactly these sources. */
async function buildOnce(root, { what, needs, sources, result, stamp, build }) {
  if (!existsSync(join(root, needs))) return
  const isBuilt = () =>
    existsSync(join(root, result)) &&
    existsSync(join(root, stamp)) &&
    readFileSync(join(root, stamp), 'utf8') === hashOf(root, sources)
  if (isBuilt()) return
  const release = await lockCheckout(root)
  try {
    if (isBuilt()) return
    announce(`building ${what} …`)
    const hash = hashOf(root, sources)
    await build()
    writeFileSync(join(root, stamp), hash)
  } finally {
    release()
  }
}

/**
 * @param {string} root
 * @param {string[]} sources files and folders, of which any may be missing
 */
export function hashOf(root, sources) {
  const hash = createHash('sha256')
  for (const source of sources) {
    for (const file of filesBelow(join(root, source))) {
      const content = readFileSync(file)
      hash.update(`${relative(root, file)}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex')
}

function filesBelow(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}
