import type { Cost } from './costs.ts'
import type { Block, ChunkCost, SetUp } from './habits.ts'
import { round } from './statistics.ts'
import { VARIANTS } from './variants.ts'
import { WORKLOADS } from './workloads.ts'
import type { WorkloadName } from './workloads.ts'

export type Goal = {
  readonly what: string
  readonly measured: number
  readonly goal: number
  readonly isReached: boolean
  /** Whom the goal is measured by. */
  readonly by?: string | undefined
}

const RIVALS = new Set(VARIANTS.filter(({ kind }) => kind === 'rival').map(({ name }) => name))

const CHUNKS = 2_000

/** The goals of the issue beside what was measured in this run. */
export function judgeCosts(costs: readonly Cost[]): Goal[] {
  const find = (variant: string, workload: WorkloadName) =>
    costs.find((cost) => cost.variant === variant && cost.workload === workload)
  const goals: Goal[] = []
  for (const workload of WORKLOADS) {
    const core = find('sightline-core', workload)
    const node = find('sightline-node', workload)
    const floor = find('floor', workload)
    const best = bestRival(costs, workload)
    if (core !== undefined && best !== undefined) {
      goals.push({
        ...goal(
          `/core, CPU ${workload}, µs: half of the best rival`,
          core.addedUs,
          best.addedUs / 2,
        ),
        by: best.variant,
      })
    }
    if (node !== undefined && floor !== undefined) {
      goals.push(goal(`preset, CPU ${workload}, µs: the bare span`, node.addedUs, floor.addedUs))
    }
    const lightest = lightestRival(costs, workload)
    if (core !== undefined && lightest !== undefined && workload.startsWith('chat')) {
      const { bytesPerCall, variant } = lightest
      const what = `bytes on the wire, ${workload}: half of the lightest rival`
      goals.push({ ...goal(what, core.bytesPerCall, bytesPerCall / 2), by: variant })
    }
  }
  for (const name of ['sightline-core', 'sightline-node']) {
    const long = find(name, 'stream2000')
    const short = find(name, 'stream200')
    if (long === undefined || short === undefined) continue
    const perChunk = (long.addedUs - short.addedUs) / (CHUNKS - 200)
    goals.push(goal(`${name}, µs per chunk`, round(perChunk, 2), 0.2))
    goals.push(goal(`${name}, ms to the first chunk`, short.addedFirstChunkUs / 1_000, 0.05))
  }
  return goals
}

export function judgeChunks(costs: readonly ChunkCost[]): Goal[] {
  return costs.flatMap(({ variant, addedUs, addedFirstUs }) => [
    goal(`${variant}, µs per chunk by itself`, addedUs, 0.2),
    goal(`${variant}, ms to the first chunk by itself`, addedFirstUs / 1_000, 0.05),
  ])
}

export function judgeBlocks(blocks: readonly Block[]): Goal[] {
  return blocks
    .filter(({ variant }) => variant === 'sightline-core')
    .map(({ cpuMs }) => goal('/core, longest block at 100 × 20 kB a second, ms of CPU', cpuMs, 5))
}

export function judgeSetUp(setUps: readonly SetUp[]): Goal[] {
  return setUps.flatMap(({ variant, addedSetUpMs }) => {
    if (variant === 'sightline-core')
      return [goal('/core, import and set-up, ms', addedSetUpMs, 25)]
    if (variant === 'sightline-node')
      return [goal('preset, import and set-up, ms', addedSetUpMs, 75)]
    return []
  })
}

/** Whoever sends no span for a workload has no cost to compare with. */
function bestRival(costs: readonly Cost[], workload: WorkloadName): Cost | undefined {
  return recordingRivals(costs, workload).toSorted((a, b) => a.addedUs - b.addedUs)[0]
}

function lightestRival(costs: readonly Cost[], workload: WorkloadName): Cost | undefined {
  return recordingRivals(costs, workload).toSorted((a, b) => a.bytesPerCall - b.bytesPerCall)[0]
}

function recordingRivals(costs: readonly Cost[], workload: WorkloadName): Cost[] {
  return costs.filter((cost) => {
    return RIVALS.has(cost.variant) && cost.workload === workload && cost.spansPerCall > 0.9
  })
}

export function goal(what: string, measured: number, limit: number): Goal {
  return { what, measured, goal: round(limit, 2), isReached: measured <= limit }
}
