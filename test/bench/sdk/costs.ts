import { runSubject } from './run-subject.ts'
import type { SubjectOrder } from './run-subject.ts'
import type { Sink } from './sink-client.ts'
import { median, round } from './statistics.ts'
import type { CostFigures } from './subject-cost.ts'
import type { Installed, Variant } from './variants.ts'
import type { WorkloadName } from './workloads.ts'

export type Cost = {
  readonly variant: string
  readonly workload: WorkloadName
  /** Median over all pairs of all rounds, and the lowest and highest median of a round. */
  readonly addedUs: number
  readonly range: readonly [number, number]
  /** The part of it on the application's own thread. */
  readonly addedMainUs: number
  readonly bareUs: number
  readonly addedFirstChunkUs: number
  /** Spans that arrived for each call; 0 where nothing is recorded, so that its cost is no merit. */
  readonly spansPerCall: number
  readonly bytesPerCall: number
  readonly callsPerRequest: number
  readonly encodings: readonly string[]
}

export type CostSettings = {
  readonly sink: Sink
  readonly installed: Installed
  readonly variants: readonly Variant[]
  readonly workloads: readonly WorkloadName[]
  readonly rounds: number
  readonly scale: number
  readonly onRun: (text: string) => void
}

type Run = CostFigures & {
  readonly spans: number
  readonly bytes: number
  readonly requests: number
  readonly encodings: readonly string[]
}

/** Rounds of all variants one after another, each time in another order. */
export async function measureCosts(settings: CostSettings): Promise<Cost[]> {
  const costs: Cost[] = []
  for (const workload of settings.workloads) {
    const variants = settings.variants.filter(({ isAside }) => {
      return isAside !== true || workload.startsWith('chat')
    })
    const runs = new Map<Variant, Run[]>(variants.map((variant) => [variant, []]))
    for (let round_ = 0; round_ < settings.rounds; round_ += 1) {
      for (const variant of rotate(variants, round_)) {
        settings.onRun(`cost ${workload}, round ${round_ + 1}: ${variant.name}`)
        runs.get(variant)?.push(await runOnce(settings, variant, workload))
      }
    }
    for (const [variant, done] of runs) costs.push(toCost(variant, workload, done))
  }
  return costs
}

async function runOnce(
  { sink, installed, scale }: CostSettings,
  variant: Variant,
  workload: WorkloadName,
): Promise<Run> {
  const port = await sink.open(variant.sink ?? {})
  const order: SubjectOrder = {
    task: 'cost',
    variantFile: installed.fileOf(variant),
    bareFile: installed.bareFile,
    endpoint: port.url,
    workload,
    scale,
  }
  const figures = await runSubject<CostFigures>(order)
  const { spans, bytes, requests, encodings, errors } = await port.close()
  if (errors.length > 0) throw new Error(`the sink could not read ${variant.name}: ${errors[0]}`)
  return { ...figures, spans, bytes, requests, encodings }
}

function toCost(variant: Variant, workload: WorkloadName, runs: readonly Run[]): Cost {
  const medians = runs.map(({ addedUs }) => median(addedUs))
  const calls = sum(runs.map((run) => run.calls))
  return {
    variant: variant.name,
    workload,
    addedUs: round(median(runs.flatMap(({ addedUs }) => addedUs)), 1),
    range: [round(Math.min(...medians)), round(Math.max(...medians))],
    addedMainUs: round(median(runs.flatMap((run) => run.addedMainUs)), 1),
    bareUs: round(median(runs.map(({ bareUs }) => bareUs))),
    addedFirstChunkUs: round(median(runs.flatMap((run) => run.addedFirstChunkUs)), 1),
    spansPerCall: round(sum(runs.map(({ spans }) => spans)) / calls, 3),
    bytesPerCall: round(sum(runs.map(({ bytes }) => bytes)) / calls),
    callsPerRequest: round(calls / sum(runs.map(({ requests }) => requests))),
    encodings: [...new Set(runs.flatMap((run) => run.encodings))],
  }
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const from = by % items.length
  return [...items.slice(from), ...items.slice(0, from)]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
