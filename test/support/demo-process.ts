import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { REPOSITORY } from './server-process.ts'

export type DemoProcess = AsyncDisposable & {
  /** Resolves once it has written this to its log; rejects when it ends before. */
  logged(text: string): Promise<void>
  /** Resolves with its exit code. */
  ended(): Promise<number | null>
}

/** The demo as `npm run demo` starts it, without the launcher. */
export function startDemoProcess(args: readonly string[]): DemoProcess {
  const child = spawn(process.execPath, [join(REPOSITORY, 'test/demo/main.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    cwd: REPOSITORY,
  })
  const exited = once(child, 'exit')
  let log = ''
  let isOver = false
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const check of waiting) check()
  }
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-20_000)
    wake()
  })
  child.once('exit', () => {
    isOver = true
    wake()
  })
  return {
    logged: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (log.includes(text)) resolve()
          else if (isOver) reject(new Error(`the demo ended before it wrote '${text}':\n${log}`))
          else return
          waiting.delete(check)
        }
        waiting.add(check)
        check()
      }),
    async ended() {
      await exited
      return child.exitCode
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill('SIGTERM')
      await exited
    },
  }
}
