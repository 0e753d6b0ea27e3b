import { coreBundleBytes } from './sdk/bundle-size.ts'
import { measureCosts } from './sdk/costs.ts'
import type { Cost } from './sdk/costs.ts'
import { goal, judgeBlocks, judgeChunks, judgeCosts, judgeSetUp } from './sdk/goals.ts'
import type { Goal } from './sdk/goals.ts'
import { measureBlocks, measureChunks, measureHeap, measureSetUp } from './sdk/habits.ts'
import { measureLosses } from './sdk/losses.ts'
import { startSink } from './sdk/sink-client.ts'
import { costTable, goalTable, lossTable, packageTable } from './sdk/tables.ts'
import { installAll, VARIANTS } from './sdk/variants.ts'
import type { Installed, Variant } from './sdk/variants.ts'
import { WORKLOADS } from './sdk/workloads.ts'

export type SdkBenchOptions = {
  /** Everything once and small: shows that the harness works, its figures mean nothing. */
  readonly quick: boolean
  /** The heap of all variants, which takes minutes each. */
  readonly full: boolean
  /** Parts to run, all unless given. */
  readonly only?: string
}

type Plan = {
  readonly rounds: number
  readonly scale: number
  readonly outageSeconds: number
  readonly heap: readonly Variant[]
}

const HEAP_BY_DEFAULT = new Set(['sightline-core', 'sightline-node', 'traceloop'])
const PARTS = ['packages', 'setup', 'cost', 'chunks', 'block', 'heap', 'losses']

/**
 * What recording costs an application and what gets lost, ours beside four rivals and a bare OpenTelemetry
 * span, all in one run: the real client, the provider played from memory, a collector that acknowledges.
 */
export async function run({
  quick,
  full,
  only,
}: SdkBenchOptions): Promise<Record<string, unknown>> {
  const parts = new Set(only === undefined ? PARTS : only.split(','))
  const unknown = [...parts].filter((part) => !PARTS.includes(part))
  if (unknown.length > 0) {
    throw new Error(`no part '${unknown.join(',')}' of sdk; there are ${PARTS.join(', ')}`)
  }
  const plan = planOf(quick, full)
  tellProgress('installing the rivals …')
  const installed = await installAll()
  await using sink = startSink()
  const subjects = { sink, installed, variants: VARIANTS, onRun: tellProgress }
  const distinct = { ...subjects, variants: VARIANTS.filter(({ isAside }) => isAside !== true) }
  const figures: Record<string, unknown> = { benchmark: 'sdk', node: process.version, quick }
  const goals: Goal[] = []

  if (parts.has('packages')) {
    const packages = await weigh(installed)
    figures['packages'] = packages
    goals.push(...packages.goals)
    tell(packageTable(packages.rows))
  }
  if (parts.has('setup')) {
    const setUps = await measureSetUp(distinct, plan.rounds)
    figures['setUp'] = setUps
    goals.push(...judgeSetUp(setUps))
  }
  if (parts.has('cost')) {
    const costs: Cost[] = await measureCosts({ ...subjects, ...plan, workloads: WORKLOADS })
    figures['cost'] = costs
    goals.push(...judgeCosts(costs))
    tell(costTable(costs))
  }
  if (parts.has('chunks')) {
    const costs = await measureChunks(distinct, plan)
    figures['chunks'] = costs
    goals.push(...judgeChunks(costs))
  }
  if (parts.has('block')) {
    const blocks = await measureBlocks(distinct, plan)
    figures['block'] = blocks
    goals.push(...judgeBlocks(blocks))
  }
  // Neither is a matter of time, so they may pass together.
  const [heaps, losses] = await Promise.all([
    parts.has('heap') ? measureHeap({ ...subjects, variants: plan.heap }, plan.scale) : undefined,
    parts.has('losses')
      ? measureLosses({ ...distinct, outageSeconds: plan.outageSeconds })
      : undefined,
  ])
  figures['heap'] = heaps
  if (losses !== undefined) {
    figures['losses'] = losses
    tell(lossTable(losses))
  }
  tell(goalTable(goals))
  return { ...figures, goals }
}

function planOf(quick: boolean, full: boolean): Plan {
  if (quick) return { rounds: 1, scale: 0.125, outageSeconds: 3, heap: VARIANTS.slice(0, 1) }
  const heap = full ? VARIANTS : VARIANTS.filter(({ name }) => HEAP_BY_DEFAULT.has(name))
  return { rounds: 3, scale: 1, outageSeconds: 60, heap }
}

async function weigh({ none, ours, sdkNode, sets }: Installed) {
  const coreGzipBytes = await coreBundleBytes(ours.folder)
  const rows = [...sets].map(([name, { packages, megabytes }]) => ({
    name,
    addedPackages: packages - none.packages,
    addedMegabytes: megabytes - none.megabytes,
  }))
  const goals = [
    goal('/core bundled and minified, gzipped, kB', coreGzipBytes / 1_000, 40),
    goal('packages beside those of sdk-node', ours.packages - sdkNode.packages, 2),
  ]
  return { rows, packedKb: ours.packedBytes / 1_000, coreGzipKb: coreGzipBytes / 1_000, goals }
}

function tell(text: string): void {
  process.stderr.write(`\n${text}\n`)
}

function tellProgress(text: string): void {
  process.stderr.write(`${text}\n`)
}
