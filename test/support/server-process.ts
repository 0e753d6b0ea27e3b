import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'

export const REPOSITORY = resolve(import.meta.dirname, '../..')
const START_LIMIT_MS = 60_000

export type ServerProcess = AsyncDisposable & {
  url: string
  port: number
  child: ChildProcess
  /** What it wrote to stderr so far. */
  log(): string
  /** Ends it and resolves with its exit code (null = by the signal). */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts server/main.ts as a process of its own and waits until it answers /readyz. */
export async function startServerProcess(
  env: Record<string, string>,
  args: string[] = [],
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'server/main.ts'), ...args], {
    env: {
      ...process.env,
      SIGHTLINE_LOG_LEVEL: 'warn',
      PORT: '0',
      OTLP_GRPC_PORT: 'off',
      SIGHTLINE_CANARY: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    cwd: REPOSITORY,
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-20_000)
  })
  const url = await readUrl(child, () => errors)
  return {
    url,
    port: Number(new URL(url).port),
    child,
    log: () => errors,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }
}

async function readUrl(child: ChildProcess, errors: () => string): Promise<string> {
  const found = new Promise<string>((resolveUrl, reject) => {
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const match = /dashboard\s+(http:\/\/\S+?)\/?\s/.exec(output)
      if (match?.[1] !== undefined) resolveUrl(match[1])
    })
    child.once('exit', (code) => {
      reject(new Error(`the server ended with code ${code} before it was ready:\n${errors()}`))
    })
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS)
  try {
    return await found
  } finally {
    clearTimeout(timer)
  }
}
