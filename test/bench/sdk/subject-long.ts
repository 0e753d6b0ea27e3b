import type { Subject } from './subject-cost.ts'

export type HeapFigures = { readonly beforeMb: number; readonly afterMb: number }
export type BlockFigures = { readonly wallMs: number; readonly cpuMs: number }

const HEAP_CALLS = 100_000

/** Heap before and after many calls, each time after full collections. */
export async function heap(subject: Subject): Promise<HeapFigures> {
  const { openai, flush } = subject.variant
  const { call } = subject.workload
  const calls = Math.ceil(HEAP_CALLS * subject.order.scale)
  for (let index = 0; index < 2_000; index += 1) await call(openai, index)
  await flush()
  const beforeMb = await heapMb()
  for (let index = 0; index < calls; index += 1) await call(openai, index)
  await flush()
  return { beforeMb, afterMb: await heapMb() }
}

async function heapMb(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.()
    // What waits for a finalizer goes in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return process.memoryUsage().heapUsed / 1e6
}

/**
 * How long a timer due each millisecond had to wait at most while 100 calls a second are made: on the
 * wall, and as CPU of the main thread alone, which no neighbour on the machine can stretch by much.
 */
export async function block(subject: Subject): Promise<BlockFigures> {
  const { openai, flush } = subject.variant
  const { call } = subject.workload
  for (let index = 0; index < 300; index += 1) await call(openai, index)
  await flush()
  const probe = startProbe()
  await atRate(Math.ceil(1_000 * subject.order.scale), (index) => call(openai, index))
  await flush()
  return probe.stop()
}

function startProbe(): { stop: () => BlockFigures } {
  let wallMs = 0
  let cpuMs = 0
  let tickAt = performance.now()
  let cpuAt = threadCpuMs()
  const timer = setInterval(() => {
    const now = performance.now()
    const cpu = threadCpuMs()
    wallMs = Math.max(wallMs, now - tickAt)
    cpuMs = Math.max(cpuMs, cpu - cpuAt)
    tickAt = now
    cpuAt = cpu
  }, 1)
  return {
    stop: () => {
      clearInterval(timer)
      return { wallMs, cpuMs }
    },
  }
}

/** One call each 10 ms; resolves when the last has its answer. */
async function atRate(count: number, call: (index: number) => Promise<unknown>): Promise<void> {
  const calls: Promise<unknown>[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const clock = setInterval(() => {
    calls.push(call(calls.length))
    if (calls.length >= count) resolve()
  }, 10)
  await promise
  clearInterval(clock)
  await Promise.all(calls)
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
