import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export type InstalledSdk = {
  /** Files in the package, sorted. */
  readonly files: string[]
  /** Where the package lies, unpacked. */
  readonly packageFolder: string
  /** The packed file itself. */
  readonly tarball: string
  /** Begins a program beside the installed package, under this Node unless another is named. */
  start(source: string, env?: Record<string, string>, node?: string): Program
  [Symbol.asyncDispose](): Promise<void>
}

export type Program = {
  /** Settles with the next line of standard output that holds `part`. */
  sees(part: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ending>
}

export type Ending = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Other packages of the project: their names, and where they lie. */
export type Neighbours = {
  /** Beside the package. */
  readonly beside: Readonly<Record<string, string>>
  /** In the package's own `node_modules`, where npm puts what does not fit the application's. */
  readonly inside?: Readonly<Record<string, string>>
}

/** The clients and OpenTelemetry in the versions that we have here, without a registry. */
const OURS: Neighbours = {
  beside: Object.fromEntries(
    [
      '@opentelemetry',
      '@anthropic-ai',
      '@google',
      'anthropic0',
      'genai2',
      'ollama',
      'ollama5',
      'openai',
      'openai6',
      'signal-exit',
      'signal-exit3',
    ].map((name) => [name, join(ROOT, 'node_modules', name)]),
  ),
}

/** The package as `npm pack` makes it, unpacked into a project of its own; `@sightline/sdk-copy` is a second copy. */
export async function installSdk(neighbours: Neighbours = OURS): Promise<InstalledSdk> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-sdk-'))
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: join(ROOT, 'sdk'),
  })
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`)
  const target = join(folder, 'node_modules', '@sightline', 'sdk')
  // The second is what npm leaves where two dependencies ask for different versions.
  for (const copy of [target, `${target}-copy`]) {
    await mkdir(copy, { recursive: true })
    await run('tar', ['-xzf', join(folder, tarball), '-C', copy, '--strip-components=1'])
  }
  await link(neighbours.beside, join(folder, 'node_modules'))
  await link(neighbours.inside ?? {}, join(target, 'node_modules'))
  const running = new Set<Program>()
  const entries = await readdir(target, { recursive: true, withFileTypes: true })
  return {
    packageFolder: target,
    tarball: join(folder, tarball),
    files: entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
      .toSorted(),
    start: (source, env = {}, node = process.execPath) => {
      const program = startProgram({ folder, source, env, node })
      running.add(program)
      void program.ended.finally(() => running.delete(program))
      return program
    },
    [Symbol.asyncDispose]: async () => {
      // A program that wrongly outlived its signal must not outlive its test.
      for (const program of running) program.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function link(packages: Readonly<Record<string, string>>, folder: string): Promise<void> {
  for (const [name, place] of Object.entries(packages)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await symlink(place, join(folder, name))
  }
}

type ProgramOptions = {
  readonly folder: string
  readonly source: string
  readonly env: Record<string, string>
  readonly node: string
}

function startProgram({ folder, source, env, node }: ProgramOptions): Program {
  const child = spawn(node, ['--input-type=module', '--eval', source], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let seen = ''
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    seen += part
    for (const watch of watchers) watch()
  })
  const ended = (async () => {
    const stderr = text(child.stderr)
    const { promise, resolve } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>()
    child.on('close', (code, signal) => resolve([code, signal]))
    const [code, signal] = await promise
    return { code, signal, stdout: seen, stderr: await stderr }
  })()
  return {
    ended,
    kill: (signal) => {
      child.kill(signal)
    },
    sees: async (part) => {
      const found = Promise.withResolvers<void>()
      const watch = () => {
        if (seen.includes(part)) found.resolve()
      }
      watchers.add(watch)
      watch()
      await Promise.race([found.promise, ended.then(failUnseen)])
      watchers.delete(watch)

      function failUnseen({ stdout, stderr }: Ending): void {
        if (!stdout.includes(part))
          throw new Error(`the program ended without "${part}": ${stderr}`)
      }
    },
  }
}
