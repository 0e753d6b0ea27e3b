import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashOf } from '../../server/bootstrap/build.mjs'
import { acquireFileLock } from '../../server/bootstrap/file-lock.mjs'
import { isInstalled } from '../../server/bootstrap/install.mjs'
import { isAtLeast } from '../../server/bootstrap/node-runtime.mjs'
import { isRunning } from '../../server/bootstrap/process-record.mjs'
import { eventually } from '../support/eventually.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
let children: ChildProcess[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sightline-bootstrap '))
  children = []
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function write(path: string, content: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function runScript(script: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function linesOf(child: ChildProcess, count: number): Promise<string[]> {
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  return eventually(() => {
    const lines = output.split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThanOrEqual(count)
    return lines
  })
}

test.each([
  ['24.15.0', true],
  ['24.21.0', true],
  ['26.0.0', true],
  ['24.14.9', false],
  ['24.9.0', false],
  ['22.99.0', false],
  ['20.20.2', false],
  ['25.0.0-nightly2026', true],
])('Node %s is new enough: %s', (version, expected) => {
  expect(isAtLeast(version, '24.15.0')).toBe(expected)
})

describe('the file lock', () => {
  const script = join(REPOSITORY, 'test/support/count-under-lock.ts')

  test('lets one process at a time in', async () => {
    write('count', '0')
    const args = [join(folder, 'lock'), join(folder, 'count'), '25']

    const counters = [1, 2, 3, 4].map(() => runScript(script, args))
    await Promise.all(counters.map((counter) => once(counter, 'exit')))

    expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('100')
  })

  test('is taken over from a holder that was killed', async () => {
    const holder = runScript(script, [join(folder, 'lock'), '', 'hold'])
    await linesOf(holder, 1)
    holder.kill('SIGKILL')
    await once(holder, 'exit')

    const release = await acquireFileLock(join(folder, 'lock'))

    release()
  })

  test('is taken over from a holder that was killed before it had written its name', async () => {
    write('lock', '')
    utimesSync(join(folder, 'lock'), 1_700_000_000, 1_700_000_000)

    const release = await acquireFileLock(join(folder, 'lock'))

    release()
  })

  test('is not taken from a holder that lives, and says who that is', async () => {
    const holder = runScript(script, [join(folder, 'lock'), '', 'hold'])
    await linesOf(holder, 1)
    const waiting = new AbortController()
    let holderPid: number | undefined

    const taking = acquireFileLock(join(folder, 'lock'), {
      signal: waiting.signal,
      onWait(pid) {
        holderPid = pid
        waiting.abort(new Error('enough'))
      },
    })

    await expect(taking).rejects.toThrow()
    expect(holderPid).toBe(holder.pid)
  })
})

describe('the stamp of a build', () => {
  test('changes with the content and with the name of a source', () => {
    write('src/a.ts', 'one')
    const before = hashOf(folder, ['src', 'missing.json'])

    write('src/a.ts', 'two')
    const edited = hashOf(folder, ['src', 'missing.json'])
    rmSync(join(folder, 'src/a.ts'))
    write('src/b.ts', 'one')
    const renamed = hashOf(folder, ['src', 'missing.json'])

    expect(new Set([before, edited, renamed]).size).toBe(3)
  })

  test('stays when nothing changed', () => {
    write('src/deep/a.ts', 'one')

    expect(hashOf(folder, ['src'])).toBe(hashOf(folder, ['src']))
  })
})

describe('packages', () => {
  const here = { os: [process.platform], cpu: [process.arch] }
  const wanted = {
    '': { name: 'app' },
    server: { version: '1.0.0' },
    'node_modules/app': { resolved: 'server', link: true },
    'node_modules/plain': { version: '1.2.3' },
    'node_modules/native-here': { version: '2.0.0', optional: true, ...here },
    'node_modules/native-elsewhere': {
      version: '2.0.0',
      optional: true,
      os: ['sunos'],
      cpu: ['mips'],
    },
  }
  const installed = {
    server: { version: '1.0.0' },
    'node_modules/plain': { version: '1.2.3' },
    'node_modules/native-here': { version: '2.0.0' },
  }

  test.each([
    ['all that this machine needs', installed, true],
    ['another version', { ...installed, 'node_modules/plain': { version: '1.2.4' } }, false],
    ['a missing package', { ...installed, 'node_modules/plain': undefined }, false],
    ['a missing native part', { ...installed, 'node_modules/native-here': undefined }, false],
  ])('are installed with %s: %#', (_, packages, expected) => {
    write('package-lock.json', JSON.stringify({ packages: wanted }))
    write('node_modules/.package-lock.json', JSON.stringify({ packages }))

    expect(isInstalled(folder)).toBe(expected)
  })

  test('are not installed while npm has not written its last file', () => {
    write('package-lock.json', JSON.stringify({ packages: wanted }))
    write('node_modules/plain/package.json', '{}')

    expect(isInstalled(folder)).toBe(false)
  })
})

describe('the launcher', () => {
  const launcher = (): string => join(folder, 'server/bootstrap.mjs')

  /** The real launcher in a checkout where the server is another program. */
  function writeCheckout(server: string): void {
    cpSync(join(REPOSITORY, 'server/bootstrap.mjs'), launcher())
    cpSync(join(REPOSITORY, 'server/bootstrap'), join(folder, 'server/bootstrap'), {
      recursive: true,
    })
    write('package.json', '{"type":"module"}')
    write('package-lock.json', '{"packages":{}}')
    write('node_modules/.package-lock.json', '{"packages":{}}')
    write('server/main.ts', server)
  }

  test('passes arguments and the exit code on', async () => {
    writeCheckout(
      'process.stdout.write(`${process.argv.slice(2).join("|")}\\n`); process.exitCode = 7',
    )

    const child = runScript(launcher(), ['start', '--demo', 'two words'])
    const ended = once(child, 'exit')

    expect(await linesOf(child, 1)).toEqual(['--demo|two words'])
    expect(await ended).toEqual([7, null])
  })

  test('forwards SIGTERM and waits until the server has drained', async () => {
    writeCheckout(`
      process.on('SIGTERM', () => setTimeout(() => { process.stdout.write('drained\\n'); process.exit(0) }, 50))
      process.stdout.write('up\\n')
      setInterval(() => undefined, 60_000)`)
    const child = runScript(launcher(), ['start'])
    const ended = once(child, 'exit')
    await linesOf(child, 1)

    child.kill('SIGTERM')

    expect(await linesOf(child, 1)).toEqual(['drained'])
    expect(await ended).toEqual([0, null])
  })

  test('leaves no orphan when it is killed', async () => {
    writeCheckout(`
      process.on('disconnect', () => process.exit(0))
      process.stdout.write(\`\${process.pid}\\n\`)
      setInterval(() => undefined, 60_000)`)
    const child = runScript(launcher(), ['start'])
    const [pid] = await linesOf(child, 1)

    child.kill('SIGKILL')

    await eventually(() => expect(isRunning(Number(pid))).toBe(false))
  })

  test('two starts in a fresh clone install once', async () => {
    writeCheckout('process.stdout.write("up\\n")')
    rmSync(join(folder, 'node_modules'), { recursive: true })
    write(
      'fake/npm-cli.js',
      `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
       appendFileSync('installs', process.argv.slice(2, 4).join(' ') + '\\n')
       setTimeout(() => {
         mkdirSync('node_modules')
         writeFileSync('node_modules/.package-lock.json', '{"packages":{}}')
       }, 200)`,
    )
    const env = { npm_execpath: join(folder, 'fake/npm-cli.js') }

    const starts = [1, 2].map(() => runScript(launcher(), ['start'], env))
    const codes = await Promise.all(starts.map((start) => once(start, 'exit')))

    expect(codes).toEqual([
      [0, null],
      [0, null],
    ])
    expect(readFileSync(join(folder, 'installs'), 'utf8')).toBe('ci --ignore-scripts\n')
  })

  /** Returns the process id of an npm that never ends, once the launcher has started it. */
  async function startHangingInstall(): Promise<{ child: ChildProcess; npmPid: number }> {
    writeCheckout('process.stdout.write("up\\n")')
    rmSync(join(folder, 'node_modules'), { recursive: true })
    write(
      'fake/npm-cli.js',
      `import { renameSync, writeFileSync } from 'node:fs'
       writeFileSync('npm-pid.part', String(process.pid))
       renameSync('npm-pid.part', 'npm-pid')
       setInterval(() => undefined, 60_000)`,
    )
    const env = { npm_execpath: join(folder, 'fake/npm-cli.js') }
    const child = runScript(launcher(), ['start'], env)
    const pid = await eventually(() => readFileSync(join(folder, 'npm-pid'), 'utf8'))
    return { child, npmPid: Number(pid) }
  }

  test('an installation ends with its launcher, so that it cannot meet the next one', async () => {
    const { child, npmPid } = await startHangingInstall()

    child.kill('SIGKILL')

    await eventually(() => expect(isRunning(npmPid)).toBe(false))
  })

  test('SIGTERM during an installation ends both', async () => {
    const { child, npmPid } = await startHangingInstall()
    const ended = once(child, 'exit')

    child.kill('SIGTERM')

    expect(await ended).toEqual([143, null])
    expect(isRunning(npmPid)).toBe(false)
  })

  test('a set-up that fails shows what npm said and ends with 1', async () => {
    writeCheckout('process.stdout.write("up\\n")')
    rmSync(join(folder, 'node_modules'), { recursive: true })
    write('fake/npm-cli.js', 'process.stderr.write("no such registry\\n"); process.exitCode = 3')
    const env = { npm_execpath: join(folder, 'fake/npm-cli.js') }

    const child = runScript(launcher(), ['start'], env)
    let errors = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
    const [code] = (await once(child, 'close')) as [number]

    expect(code).toBe(1)
    expect(errors).toContain('npm ci failed (exit code 3):\nno such registry')
  })

  test('an unknown command is named, with those that there are', async () => {
    writeCheckout('')

    const child = runScript(launcher(), ['strat'])
    let errors = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
    const [code] = (await once(child, 'close')) as [number]

    expect(code).toBe(2)
    expect(errors).toContain('unknown command "strat"; there are start, demo, bench, check, test')
  })
})
