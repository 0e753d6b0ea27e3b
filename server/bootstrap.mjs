// Plain JavaScript for whatever Node is there (20 and newer): everything else runs on the Node that
// this file finds or fetches. The only packages used here are Node's own.
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { buildSdk, buildWeb } from './bootstrap/build.mjs'
import { installPackages } from './bootstrap/install.mjs'
import { findNode } from './bootstrap/node-runtime.mjs'
import { Stopped, runToEnd, stopOnSignals } from './bootstrap/run.mjs'

/** What each command runs, and what must have been built before. */
const COMMANDS = {
  start: { script: 'server/main.ts', builds: [buildSdk, buildWeb], ownSession: true },
  demo: { script: 'test/demo/main.ts', builds: [buildSdk], ownSession: true },
  bench: { script: 'test/bench/main.ts', builds: [buildSdk, buildWeb], ownSession: true },
  check: { script: 'test/run-check.ts', builds: [buildSdk], ownSession: false },
  test: { script: 'test/run-all.ts', builds: [buildSdk, buildWeb], ownSession: false },
}

async function main() {
  const [name = '', ...args] = process.argv.slice(2)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    process.stderr.write(
      `sightline: unknown command ${JSON.stringify(name)}; there are ${Object.keys(COMMANDS).join(', ')}\n`,
    )
    return 2
  }
  const root = fileURLToPath(new URL('..', import.meta.url))
  const dataDir = resolve(process.env.SIGHTLINE_DATA_DIR || '.sightline')
  const place = { root, tools: join(dataDir, 'tools') }
  const node = await findNode(place)
  await installPackages(place, node)
  for (const build of command.builds) await build(place, node)
  const { script, ownSession } = command
  return runToEnd(node, [join(root, script), ...args], { cwd: process.cwd(), ownSession })
}

stopOnSignals()
main().then(
  (code) => process.exit(code),
  (error) => {
    if (error instanceof Stopped) process.exit(error.exitCode)
    process.stderr.write(`sightline: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
