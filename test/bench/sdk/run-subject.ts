import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { RESULT_MARK, markedLine } from './tell.ts'
import type { Pair, TurnOrder } from './turn.ts'
import type { WorkloadName } from './workloads.ts'

export type Ending = 'shutdown' | 'natural' | 'sigterm' | 'exit' | 'crash'

export type SubjectOrder = {
  readonly task: 'cost' | 'chunks' | 'setUp' | 'heap' | 'block' | 'loss'
  readonly variantFile: string
  /** The variant without anything, on a copy of the client of its own. */
  readonly bareFile: string
  readonly endpoint: string
  readonly workload: WorkloadName
  /** Share of the calls of a full run. */
  readonly scale: number
  readonly ending?: Ending
  readonly burst?: number
  readonly seconds?: number
  readonly quietSeconds?: number
}

/** The measured process gets no environment of ours: an OTEL_ or API key variable would change it. */
const ENVIRONMENT = { PATH: process.env['PATH'] ?? '', TRACELOOP_TELEMETRY: 'false' }

export type StartedSubject = {
  readonly child: ChildProcess
  readonly ended: Promise<SubjectEnd>
}

type StartOptions = {
  readonly nodeFlags?: readonly string[]
  /** It is told what to do while it runs. A channel would keep others from ending by themselves. */
  readonly isTalkedTo?: boolean
}

export type SubjectEnd = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly endedAtMs: number
}

const running = new Set<ChildProcess>()
// Some wait for a signal; a benchmark that fails must not leave them behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startSubject(
  order: SubjectOrder,
  { nodeFlags = [], isTalkedTo = false }: StartOptions = {},
): StartedSubject {
  const file = join(import.meta.dirname, 'subject.ts')
  const child = spawn(
    process.execPath,
    ['--expose-gc', ...nodeFlags, file, JSON.stringify(order)],
    {
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe', ...(isTalkedTo ? ['ipc' as const] : [])],
    },
  )
  running.add(child)
  const ended = (async () => {
    const stdout = child.stdout === null ? '' : text(child.stdout)
    const stderr = child.stderr === null ? '' : text(child.stderr)
    const { promise, resolve, reject } =
      Promise.withResolvers<Omit<SubjectEnd, 'stdout' | 'stderr'>>()
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      running.delete(child)
      resolve({ code, signal, endedAtMs: performance.timeOrigin + performance.now() })
    })
    return { ...(await promise), stdout: await stdout, stderr: await stderr }
  })()
  return { child, ended }
}

/** Runs a task to its end; the figures are what it printed behind the mark. */
export async function runSubject<T>(
  order: SubjectOrder,
  nodeFlags: readonly string[] = [],
): Promise<T> {
  const end = await startSubject(order, { nodeFlags }).ended
  const result = markedLine(end.stdout, RESULT_MARK)
  if (result === undefined) {
    const tail = `${end.stdout}\n${end.stderr}`.trim().slice(-2_000)
    throw new Error(`${order.task} of ${order.variantFile} ended with ${end.code}: ${tail}`)
  }
  return JSON.parse(result) as T
}

/** A process that measures one pair of segments when asked. */
export type Turns = {
  readonly warmUpCalls: number
  next(): Promise<Pair>
  end(): Promise<void>
}

/** Answers once the process has warmed up. */
export async function startTurns(order: SubjectOrder): Promise<Turns> {
  const { child, ended } = startSubject(order, { isTalkedTo: true })
  const failure = async () => {
    const { code, stdout, stderr } = await ended
    const tail = `${stdout}\n${stderr}`.trim().slice(-2_000)
    throw new Error(`${order.task} of ${order.variantFile} ended with ${code}: ${tail}`)
  }
  const answer = async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    child.once('message', resolve)
    return Promise.race([promise, failure()])
  }
  const tell = (turn: TurnOrder) => child.send(turn)
  const { warmUpCalls } = (await answer()) as { readonly warmUpCalls: number }
  return {
    warmUpCalls,
    next: async () => {
      tell('pair')
      return (await answer()) as Pair
    },
    end: async () => {
      tell('end')
      await ended
    },
  }
}
