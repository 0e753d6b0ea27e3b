import type { Log } from './log.ts'

export type IntervalTask = AsyncDisposable & {
  /** Runs now, or right after the run under way; resolves when that run has ended. */
  runNow(): Promise<void>
}

/**
 * Runs `work` every `intervalMs`, never two runs at once. A run that fails is logged and the loop
 * goes on; disposing aborts the signal and waits for the run under way.
 */
export function startIntervalTask(
  options: { name: string; intervalMs: number; log: Log },
  work: (signal: AbortSignal) => Promise<void>,
): IntervalTask {
  const { name, log } = options
  const controller = new AbortController()
  let running: Promise<void> | undefined
  let failures = 0
  let timer: NodeJS.Timeout | undefined

  async function runOnce(): Promise<void> {
    try {
      await work(controller.signal)
      if (failures > 0) log.info({ task: name, failures }, 'interval task works again')
      failures = 0
    } catch (error) {
      if (controller.signal.aborted) return
      // An outage lasts many runs: its first failure is told, and its end with their number.
      if (failures === 0) log.error({ error, task: name }, 'interval task failed')
      failures += 1
    }
  }

  function runNow(): Promise<void> {
    const previous = running ?? Promise.resolve()
    const current = previous.then(runOnce).finally(() => {
      if (running === current) running = undefined
    })
    running = current
    return current
  }

  function schedule(): void {
    // ±10 % jitter, so that several processes do not tick in step.
    const delayMs = options.intervalMs * (0.9 + Math.random() * 0.2)
    timer = setTimeout(() => {
      void runNow().finally(() => {
        if (!controller.signal.aborted) schedule()
      })
    }, delayMs)
  }

  schedule()
  return {
    runNow,
    async [Symbol.asyncDispose]() {
      controller.abort()
      clearTimeout(timer)
      await running
    },
  }
}
