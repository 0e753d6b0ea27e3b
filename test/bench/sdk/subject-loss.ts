import type { Subject } from './subject-cost.ts'
import { LAST_CALL_MARK, tell } from './tell.ts'

const CALLS = 100

/** Makes calls and ends as the order says; nothing but the packages looks after what is not yet sent. */
export async function runLoss({ order, workload, variant }: Subject): Promise<void> {
  const { ending, burst, seconds } = order
  const { openai, shutdown } = variant
  let made = 0
  const call = () => {
    made += 1
    return workload.call(openai, made)
  }
  if (seconds !== undefined) await atTenPerSecond(seconds, call)
  else if (burst !== undefined) {
    for (let index = 0; index < burst; index += 100) await Promise.all(repeat(100, call))
  } else {
    for (let index = 0; index < CALLS; index += 20) {
      await Promise.all(repeat(20, call))
      await wait(40)
    }
  }
  // Afterwards the collector answers again, and the application has a quiet while.
  if (seconds !== undefined) await wait((order.quietSeconds ?? 0) * 1_000)
  tell({ made, atMs: epochMs() }, LAST_CALL_MARK)
  if (ending === 'shutdown') await shutdown()
  else if (ending === 'exit') process.exit(0)
  else if (ending === 'crash') throw new Error('the application crashed, as the benchmark asked')
  // An application that serves requests goes on until the signal comes.
  else if (ending === 'sigterm') setInterval(() => undefined, 60_000)
}

function atTenPerSecond(seconds: number, call: () => Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = seconds * 10
  const clock = setInterval(() => {
    void call()
    left -= 1
    if (left > 0) return
    clearInterval(clock)
    resolve()
  }, 100)
  return promise
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function epochMs(): number {
  return performance.timeOrigin + performance.now()
}
