import type { SubjectOrder } from './run-subject.ts'
import { median } from './statistics.ts'
import type { Pair, TurnOrder } from './turn.ts'
import type { ReadyVariant } from './variant.ts'
import type { Workload } from './workloads.ts'

export type Subject = {
  readonly order: SubjectOrder
  readonly workload: Workload
  readonly variant: ReadyVariant
}

/**
 * CPU of the whole process, all threads, until everything has been sent. Segments of bare and recorded
 * calls alternate, so that both see the same neighbours on the machine; the bare client comes from another
 * copy of its package, since some instrumentations change the class. Pairs are made when the parent asks for
 * one, so that all variants see the same neighbours too. Nothing is collected by force: while no call is under
 * way that throws away the shapes of all objects of a call, and with them the machine code.
 */
export async function costInTurns(
  { order: { scale }, workload, variant }: Subject,
  bare: ReadyVariant,
): Promise<void> {
  const warmUp = Math.ceil((workload.warmUp * scale) / 2)
  for (const one of [bare, variant, bare, variant]) await callMany(one, workload, warmUp)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let isBareFirst = false
  process.on('message', (turn: TurnOrder) => {
    if (turn === 'end') return end()
    isBareFirst = !isBareFirst
    void measurePair({ bare, variant, workload, isBareFirst }).then((pair) => process.send?.(pair))
  })
  process.send?.({ warmUpCalls: 2 * warmUp })
  await ended
}

type PairOptions = {
  readonly bare: ReadyVariant
  readonly variant: ReadyVariant
  readonly workload: Workload
  readonly isBareFirst: boolean
}

async function measurePair(options: PairOptions): Promise<Pair> {
  const { bare, variant, workload, isBareFirst } = options
  const first = await segment(isBareFirst ? bare : variant, workload)
  const second = await segment(isBareFirst ? variant : bare, workload)
  const [without, recorded] = isBareFirst ? [first, second] : [second, first]
  const hasChunks = !Number.isNaN(recorded.firstChunkUs)
  return {
    bareUs: without.cpuUs,
    addedUs: recorded.cpuUs - without.cpuUs,
    addedMainUs: recorded.mainUs - without.mainUs,
    addedFirstChunkUs: hasChunks ? recorded.firstChunkUs - without.firstChunkUs : null,
  }
}

async function segment(variant: ReadyVariant, workload: Workload) {
  const before = process.cpuUsage()
  const mainBefore = process.threadCpuUsage()
  const firstChunkMs = await callMany(variant, workload, workload.segment)
  const main = process.threadCpuUsage(mainBefore)
  const all = process.cpuUsage(before)
  return {
    cpuUs: (all.user + all.system) / workload.segment,
    mainUs: (main.user + main.system) / workload.segment,
    firstChunkUs: median(firstChunkMs) * 1_000,
  }
}

async function callMany({ openai, flush }: ReadyVariant, workload: Workload, calls: number) {
  const firstChunkMs: number[] = []
  for (let index = 0; index < calls; index += 1) {
    const calledAt = performance.now()
    const first = await workload.call(openai, index)
    if (first !== undefined) firstChunkMs.push(first - calledAt)
  }
  await flush()
  return firstChunkMs
}
