import { runSubject } from './run-subject.ts'
import type { SubjectOrder } from './run-subject.ts'
import type { Sink } from './sink-client.ts'
import { median, round } from './statistics.ts'
import type { ChunkFigures } from './subject-chunks.ts'
import type { BlockFigures, HeapFigures } from './subject-long.ts'
import type { Installed, Variant } from './variants.ts'

type SetUpFigures = { readonly setUpMs: number; readonly firstCallMs: number }

export type SetUp = {
  readonly variant: string
  /** Import and set-up more than the client's own, ms. */
  readonly addedSetUpMs: number
  /** The first stream of a process, more than without, ms. */
  readonly addedFirstStreamMs: number
}

export type Subjects = {
  readonly sink: Sink
  readonly installed: Installed
  readonly variants: readonly Variant[]
  readonly onRun: (text: string) => void
}

/** A process without anything beside each process with: the difference, median of the rounds. */
export async function measureSetUp(subjects: Subjects, rounds: number): Promise<SetUp[]> {
  const bareRuns: SetUpFigures[] = []
  const runs = new Map<Variant, SetUpFigures[]>(subjects.variants.map((one) => [one, []]))
  for (let round_ = 0; round_ < rounds; round_ += 1) {
    subjects.onRun(`set-up, round ${round_ + 1}`)
    bareRuns.push(await runBare(subjects))
    for (const [variant, done] of runs) {
      done.push(
        await run<SetUpFigures>(subjects, variant, { task: 'setUp', workload: 'stream200' }),
      )
    }
  }
  const addedTo = (key: keyof SetUpFigures, done: readonly SetUpFigures[]) =>
    round(median(done.map((one, index) => one[key] - (bareRuns[index]?.[key] ?? Number.NaN))), 1)
  return [...runs].map(([variant, done]) => ({
    variant: variant.name,
    addedSetUpMs: addedTo('setUpMs', done),
    addedFirstStreamMs: addedTo('firstCallMs', done),
  }))
}

export type Block = BlockFigures & { readonly variant: string }

/** The longest block of the event loop at 100 calls of 20 kB a second; the median of the rounds. */
export async function measureBlocks(
  subjects: Subjects,
  { rounds, scale }: { rounds: number; scale: number },
): Promise<Block[]> {
  const order = { task: 'block', workload: 'chat20k', scale } as const
  const runs: { variant: string; figures: BlockFigures[] }[] = [{ variant: 'none', figures: [] }]
  for (const { name } of subjects.variants) runs.push({ variant: name, figures: [] })
  for (let round_ = 0; round_ < rounds; round_ += 1) {
    subjects.onRun(`longest block, round ${round_ + 1}`)
    const [none, ...recorded] = runs
    none?.figures.push(await runSubject<BlockFigures>(bareOrder(subjects, order)))
    for (const [index, variant] of subjects.variants.entries()) {
      recorded[index]?.figures.push(await run<BlockFigures>(subjects, variant, order))
    }
  }
  return runs.map(({ variant, figures }) => ({
    variant,
    wallMs: round(median(figures.map(({ wallMs }) => wallMs)), 1),
    cpuMs: round(median(figures.map(({ cpuMs }) => cpuMs)), 1),
  }))
}

export type ChunkCost = ChunkFigures & { readonly variant: string }

/** Ours alone: what is put into the client's place here, others wrap in other ways. */
export async function measureChunks(
  subjects: Subjects,
  { rounds, scale }: { rounds: number; scale: number },
): Promise<ChunkCost[]> {
  const task = { task: 'chunks', workload: 'stream2000', scale } as const
  const costs: ChunkCost[] = []
  for (const variant of subjects.variants.filter(({ kind }) => kind === 'ours')) {
    subjects.onRun(`chunks: ${variant.name}`)
    const runs: ChunkFigures[] = []
    for (let round_ = 0; round_ < rounds; round_ += 1) {
      runs.push(await run<ChunkFigures>(subjects, variant, task))
    }
    costs.push({
      variant: variant.name,
      addedUs: round(median(runs.map(({ addedUs }) => addedUs)), 2),
      addedFirstUs: round(median(runs.map(({ addedFirstUs }) => addedFirstUs)), 1),
    })
  }
  return costs
}

export type Heap = HeapFigures & { readonly variant: string }

export async function measureHeap(subjects: Subjects, scale: number): Promise<Heap[]> {
  const heaps: Heap[] = []
  for (const variant of subjects.variants) {
    subjects.onRun(`heap: ${variant.name}`)
    const order = { task: 'heap', workload: 'chat1k', scale } as const
    const { beforeMb, afterMb } = await run<HeapFigures>(subjects, variant, order)
    heaps.push({ variant: variant.name, beforeMb: round(beforeMb, 1), afterMb: round(afterMb, 1) })
  }
  return heaps
}

type Task = Pick<SubjectOrder, 'task' | 'workload'> & { readonly scale?: number }

async function run<T>({ sink, installed }: Subjects, variant: Variant, task: Task): Promise<T> {
  const port = await sink.open(variant.sink ?? {})
  const { bareFile } = installed
  const variantFile = installed.fileOf(variant)
  const figures = await runSubject<T>({
    scale: 1,
    ...task,
    variantFile,
    bareFile,
    endpoint: port.url,
  })
  await port.close()
  return figures
}

function runBare(subjects: Subjects): Promise<SetUpFigures> {
  return runSubject<SetUpFigures>(bareOrder(subjects, { task: 'setUp', workload: 'stream200' }))
}

function bareOrder({ installed: { bareFile } }: Subjects, task: Task): SubjectOrder {
  return { scale: 1, ...task, variantFile: bareFile, bareFile, endpoint: '' }
}
