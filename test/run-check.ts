import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { closingLine } from './support/count-results.ts'

/**
 * `npm run check`: the fast gate. Everything is run, so that one round shows all that is wrong.
 * `-- --static` leaves out the unit tests, for those who run `npm test` right after.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const AT_ONCE = 2
const WORKSPACES = ['server', 'web', 'sdk', 'test']
/** The SDK's own config builds, so its tests have another one; the page of a benchmark is web's. */
const TYPE_PROJECTS = [...WORKSPACES, 'sdk/tsconfig.test.json', 'test/bench/web/page']
// TypeScript 7 alone made dependency-cruiser read nothing at all and call that clean.
const CRUISED_SHARE = 0.9

const UNIT_TESTS = 'unit tests'

type Task = { name: string; bin: string; args: string[]; verify?: (output: string) => void }
type Outcome = { name: string; passed: boolean; output: string; elapsedMs: number }

const TASKS: Task[] = [
  ...TYPE_PROJECTS.map((workspace) => ({
    name: `types of ${workspace}`,
    bin: '@typescript/native/bin/tsc',
    args: ['--noEmit', '-p', workspace],
  })),
  { name: 'format', bin: 'oxfmt/bin/oxfmt', args: ['--check', '.'] },
  { name: 'lint', bin: 'oxlint/bin/oxlint', args: ['--type-aware'] },
  {
    name: 'import rules',
    bin: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.mjs', '--output-type', 'err', ...WORKSPACES],
    verify: assertCruised,
  },
  { name: 'unused code', bin: 'knip/bin/knip.js', args: ['--treat-config-hints-as-errors'] },
  { name: UNIT_TESTS, bin: 'vitest/vitest.mjs', args: ['run', '--project', 'unit'] },
]

async function main(args: readonly string[]): Promise<number> {
  const isStatic = args.includes('--static')
  const waiting = isStatic ? TASKS.filter(({ name }) => name !== UNIT_TESTS) : [...TASKS]
  const outcomes: Outcome[] = []
  async function work(): Promise<void> {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const outcome = await run(task)
      outcomes.push(outcome)
      const mark = outcome.passed ? 'ok  ' : 'FAIL'
      process.stdout.write(
        `${mark} ${outcome.name} (${(outcome.elapsedMs / 1_000).toFixed(1)} s)\n`,
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const failed = outcomes.filter((outcome) => !outcome.passed)
  for (const { name, output } of failed) process.stdout.write(`\n── ${name}\n${output.trim()}\n`)
  const passed = outcomes.length - failed.length
  process.stdout.write(`\n${closingLine({ passed, failed: failed.length, skipped: 0 })}\n`)
  return failed.length > 0 ? 1 : 0
}

async function run({ name, bin, args, verify }: Task): Promise<Outcome> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', bin), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  let passed = code === 0
  try {
    if (passed) verify?.(output)
  } catch (error) {
    passed = false
    output += `\n${String(error)}`
  }
  return { name, passed, output, elapsedMs: performance.now() - startedAt }
}

function assertCruised(output: string): void {
  const cruised = Number(/\((\d+) modules,/.exec(output)?.[1] ?? 0)
  const sources = countSources()
  if (cruised < sources * CRUISED_SHARE) {
    throw new Error(`only ${cruised} modules were cruised, but there are ${sources} source files`)
  }
}

function countSources(): number {
  const files = WORKSPACES.flatMap((workspace) =>
    readdirSync(join(ROOT, workspace), { recursive: true, encoding: 'utf8' }),
  )
  const isBuilt = (file: string): boolean =>
    /(^|\/)(node_modules|dist)\//.test(file.split(sep).join('/'))
  return files.filter((file) => /\.tsx?$/.test(file) && !isBuilt(file)).length
}

process.on('disconnect', () => process.exit(1))
process.exit(await main(process.argv.slice(2)))
