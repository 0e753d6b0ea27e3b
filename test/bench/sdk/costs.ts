import { startTurns } from './run-subject.ts'
import type { Turns } from './run-subject.ts'
import type { Sink, SinkPort } from './sink-client.ts'
import { median, round } from './statistics.ts'
import type { Pair } from './turn.ts'
import type { Installed, Variant } from './variants.ts'
import { makeWorkload } from './workloads.ts'
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

type Run = {
  readonly calls: number
  readonly pairs: readonly Pair[]
  readonly spans: number
  readonly bytes: number
  readonly requests: number
  readonly encodings: readonly string[]
}

const PAIRS = 6

/**
 * In each round a process per variant; they take turns, each time in another order, so that whatever else the
 * machine does meets all of them alike. A new process each round, since compilers have good and bad days.
 */
export async function measureCosts(settings: CostSettings): Promise<Cost[]> {
  const costs: Cost[] = []
  for (const workload of settings.workloads) {
    const variants = settings.variants.filter(({ isAside }) => {
      return isAside !== true || workload.startsWith('chat')
    })
    const runs = new Map<Variant, Run[]>(variants.map((variant) => [variant, []]))
    for (let round_ = 0; round_ < settings.rounds; round_ += 1) {
      settings.onRun(`cost ${workload}, round ${round_ + 1}`)
      const done = await runRound(settings, rotate(variants, round_), workload)
      for (const [variant, run] of done) runs.get(variant)?.push(run)
    }
    for (const [variant, done] of runs) costs.push(toCost(variant, workload, done))
  }
  return costs
}

type Running = {
  readonly variant: Variant
  readonly port: SinkPort
  readonly turns: Turns
  readonly pairs: Pair[]
}

async function runRound(
  settings: CostSettings,
  variants: readonly Variant[],
  workload: WorkloadName,
): Promise<[Variant, Run][]> {
  const running: Running[] = []
  // Nothing is measured yet, so two may warm up at once.
  for (let at = 0; at < variants.length; at += 2) {
    const two = variants.slice(at, at + 2)
    running.push(...(await Promise.all(two.map((one) => start(settings, one, workload)))))
  }
  const pairs = Math.max(1, Math.round(PAIRS * settings.scale))
  for (let turn = 0; turn < pairs; turn += 1) {
    for (const one of rotate(running, turn)) one.pairs.push(await one.turns.next())
  }
  const { segment } = makeWorkload(workload)
  const done: [Variant, Run][] = []
  for (const { variant, port, turns, pairs: made } of running) {
    await turns.end()
    const { spans, bytes, requests, encodings, errors } = await port.close()
    if (errors.length > 0) throw new Error(`the sink could not read ${variant.name}: ${errors[0]}`)
    const calls = turns.warmUpCalls + made.length * segment
    done.push([variant, { calls, pairs: made, spans, bytes, requests, encodings }])
  }
  return done
}

async function start(
  { sink, installed, scale }: CostSettings,
  variant: Variant,
  workload: WorkloadName,
): Promise<Running> {
  const port = await sink.open(variant.sink ?? {})
  const turns = await startTurns({
    task: 'cost',
    variantFile: installed.fileOf(variant),
    bareFile: installed.bareFile,
    endpoint: port.url,
    workload,
    scale,
  })
  return { variant, port, turns, pairs: [] }
}

function toCost(variant: Variant, workload: WorkloadName, runs: readonly Run[]): Cost {
  const pairs = runs.flatMap((run) => run.pairs)
  const medians = runs.map((run) => median(run.pairs.map(({ addedUs }) => addedUs)))
  const calls = sum(runs.map((run) => run.calls))
  const firstChunks = pairs.flatMap(({ addedFirstChunkUs }) => addedFirstChunkUs ?? [])
  return {
    variant: variant.name,
    workload,
    addedUs: round(median(pairs.map(({ addedUs }) => addedUs)), 1),
    range: [round(Math.min(...medians)), round(Math.max(...medians))],
    addedMainUs: round(median(pairs.map(({ addedMainUs }) => addedMainUs)), 1),
    bareUs: round(median(pairs.map(({ bareUs }) => bareUs))),
    addedFirstChunkUs: round(median(firstChunks), 1),
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
