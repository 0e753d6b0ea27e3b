import { endOpenCalls } from './open-calls.ts'
import { ENDED } from './pipeline.ts'
import type { Pipeline } from './pipeline.ts'
import { nodeProcess } from './platform.ts'
import type { NodeProcess } from './platform.ts'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

const EXIT_TIMEOUT_MS = 2_000

const MAX_BEFORE_EXITS = 10

/**
 * Delivers what there is before the process ends, within 2 s, and says on standard error what is lost.
 * Answers how to take the hooks back. Nothing where there is no process to end.
 */
export function deliverAtExit(pipeline: Pipeline): () => void {
  const process = nodeProcess()
  if (process === undefined) return () => undefined
  return installExitHooks(process, {
    drain: async () => {
      endOpenCalls()
      if (await pipeline.flush(EXIT_TIMEOUT_MS)) return
      pipeline.discard(ENDED)
    },
    onExit: () => {
      const { lost, origin, complaint } = pipeline
      if (lost === 0) return
      const why = complaint === undefined ? '' : `: ${complaint}`
      process.stderr.write(`sightline: ${lost} spans not delivered to ${origin}${why}\n`)
    },
  })
}

type ExitHooks = {
  /** Called when the process is about to end, by itself or by a signal. */
  readonly drain: () => Promise<unknown>
  /** Called as the very last thing; nothing can wait any more. */
  readonly onExit: () => void
}

/** The signal listeners of all copies of the SDK in the process; other versions rely on this shape. */
const LISTENERS = Symbol.for('@sightline/sdk exit hooks')

/** Delivers before the process ends; a signal then takes the effect it would have had. */
function installExitHooks(process: NodeProcess, { drain, onExit }: ExitHooks): () => void {
  const listeners = listenersOfAllCopies(process)
  let beforeExits = 0
  const onBeforeExit = () => {
    beforeExits += 1
    // Delivering makes Node ask again, and a listener that is recorded itself would so go on for ever.
    // After the other listeners, which may record something.
    if (beforeExits <= MAX_BEFORE_EXITS) void Promise.resolve().then(drain)
  }
  const onSignal = (signal: NodeJS.Signals) => {
    const isHandled = isHandledByApplication(process, signal, listeners)
    void drain().finally(() => {
      if (isHandled) return
      removeSignalListeners()
      // Another copy that still delivers gets the signal, and raises it again when it is done.
      process.kill(process.pid, signal)
    })
  }

  process.on('beforeExit', onBeforeExit)
  process.on('exit', onExit)
  listeners.add(onSignal)
  // First in line, where listeners that the application registered by `once` still count.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal)

  function removeSignalListeners(): void {
    for (const signal of SIGNALS) process.off(signal, onSignal)
    listeners.delete(onSignal)
  }
  return () => {
    process.off('beforeExit', onBeforeExit)
    process.off('exit', onExit)
    removeSignalListeners()
  }
}

function listenersOfAllCopies(process: NodeProcess): Set<unknown> {
  // Where the listeners are, too: realms with globals of their own may share it.
  const holder: NodeProcess & { [LISTENERS]?: Set<unknown> } = process
  return (holder[LISTENERS] ??= new Set())
}

/** An application that handles the signal itself decides when to end. */
function isHandledByApplication(
  process: NodeProcess,
  signal: NodeJS.Signals,
  listeners: Set<unknown>,
): boolean {
  const foreign = process.listeners(signal).filter((listener) => !listeners.has(listener))
  return foreign.length > countOfSignalExit(process)
}

/**
 * The package `signal-exit` listens without handling: it re-raises once nobody but itself listens.
 * Were its listeners a reason for us to wait, we and it would wait for each other for ever.
 * Versions before 4 keep their count at `process`, version 4 at the global object.
 */
function countOfSignalExit(process: NodeProcess): number {
  return (
    countIn(Reflect.get(process, '__signal_exit_emitter__')) +
    countIn(Reflect.get(globalThis, Symbol.for('signal-exit emitter')))
  )
}

function countIn(emitter: unknown): number {
  if (typeof emitter !== 'object' || emitter === null || !('count' in emitter)) return 0
  return typeof emitter.count === 'number' ? emitter.count : 0
}
