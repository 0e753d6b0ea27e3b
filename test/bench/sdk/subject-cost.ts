import type { SubjectOrder } from './run-subject.ts'
import { median } from './statistics.ts'
import type { ReadyVariant } from './variant.ts'
import type { Workload } from './workloads.ts'

export type Subject = {
  readonly order: SubjectOrder
  readonly workload: Workload
  readonly variant: ReadyVariant
}

export type CostFigures = {
  /** Calls that should have arrived as spans. */
  readonly calls: number
  /** CPU per call without the package, µs. */
  readonly bareUs: number
  /** What the package added, one figure per pair of segments. */
  readonly addedUs: readonly number[]
  /** The part of it on the application's own thread; the rest is compression, collection, compilation. */
  readonly addedMainUs: readonly number[]
  readonly addedFirstChunkUs: readonly number[]
}

const PAIRS = 4

/**
 * CPU of the whole process, all threads, until everything has been sent. Segments of bare and recorded
 * calls alternate, so that both see the same neighbours on the machine; the bare client comes from another
 * copy of its package, since some instrumentations change the class.
 */
export async function cost(
  { order: { scale }, workload, variant }: Subject,
  bare: ReadyVariant,
): Promise<CostFigures> {
  const pairs = Math.max(1, Math.round(PAIRS * scale))
  const warmUp = Math.ceil(workload.warmUp * scale)
  for (const one of [bare, variant]) await callMany(one, workload, warmUp)
  const bareUs: number[] = []
  const addedUs: number[] = []
  const addedMainUs: number[] = []
  const addedFirstChunkUs: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    const isBareFirst = pair % 2 === 0
    const first = await segment(isBareFirst ? bare : variant, workload)
    const second = await segment(isBareFirst ? variant : bare, workload)
    const [without, with_] = isBareFirst ? [first, second] : [second, first]
    bareUs.push(without.cpuUs)
    addedUs.push(with_.cpuUs - without.cpuUs)
    addedMainUs.push(with_.mainUs - without.mainUs)
    addedFirstChunkUs.push(with_.firstChunkUs - without.firstChunkUs)
  }
  return {
    calls: warmUp + pairs * workload.segment,
    bareUs: median(bareUs),
    addedUs,
    addedMainUs,
    addedFirstChunkUs,
  }
}

async function segment(variant: ReadyVariant, workload: Workload) {
  globalThis.gc?.()
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
