// A message thread, which the newest tool runner works on as well, sends a turn by `create`. A streamed
// turn is then read by a promise of the thread's own, so that is followed to the stream.
import { asRecord } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { override } from '../tap/override.ts'
import type { Restore } from '../tap/override.ts'
import { followBuiltPromise } from '../tap/tap-api-promise.ts'

/** Follows the streams of the threads that `beta.messages` makes; without threads, nothing changes. */
export function tapThreads(messages: UnknownRecord | undefined): readonly Restore[] {
  if (messages === undefined) return []
  return [
    watchResult(messages, 'thread', tapThread),
    watchResult(messages, '_toolRunnerThread', (made) => tapThread(asRecord(made)?.['thread'])),
  ]
}

function tapThread(value: unknown): void {
  const thread = asRecord(value)
  if (thread === undefined) return
  watchResult(thread, 'fork', tapThread)
  watchArguments(thread, '_stream', ([stream]) => tapTurn(asRecord(stream)))
}

function tapTurn(stream: UnknownRecord | undefined): void {
  if (stream === undefined) return
  watchArguments(stream, '_start', (args) => {
    const create = args[0]
    if (typeof create !== 'function') return
    args[0] = (...createArgs: unknown[]) =>
      followBuiltPromise(Reflect.apply(create, undefined, createArgs))
  })
}

function watchResult(target: UnknownRecord, key: string, look: (result: unknown) => void): Restore {
  const method = target[key]
  if (typeof method !== 'function') return () => undefined
  return override(target, key, function watched(this: unknown, ...args: unknown[]) {
    const result: unknown = Reflect.apply(method, this, args)
    quietly(() => look(result))
    return result
  })
}

function watchArguments(
  target: UnknownRecord,
  key: string,
  look: (args: unknown[]) => void,
): Restore {
  const method = target[key]
  if (typeof method !== 'function') return () => undefined
  return override(target, key, function watched(this: unknown, ...args: unknown[]) {
    quietly(() => look(args))
    return Reflect.apply(method, this, args) as unknown
  })
}

/** A helper built in a way we do not know works on; its stream then counts as unread. */
function quietly(look: () => void): void {
  try {
    look()
  } catch {
    // As said above.
  }
}
