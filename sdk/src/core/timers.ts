// As they are when we are loaded. A test that replaces them moves no clock while it waits for a flush, and
// one that runs all timers would never be done with a repeated one of ours.
const { setInterval, clearInterval } = globalThis
const { setImmediate } = globalThis as Yielding

/** A timer that does not keep the process alive. */
export function setIdleTimeout(fn: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(fn, ms)
  unref(timer)
  return timer
}

/** A repeated timer that does not keep the process alive; answers how to stop it. */
export function setIdleInterval(fn: () => void, ms: number): () => void {
  const timer = setInterval(fn, ms)
  unref(timer)
  return () => clearInterval(timer)
}

/** Browsers' timers are numbers and hold nothing. */
function unref(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return
  if (typeof timer.unref === 'function') timer.unref()
}

type Yielding = { readonly setImmediate?: (fn: () => void) => unknown }

/** Lets everything else that is due run first. */
export async function yieldToLoop(): Promise<void> {
  await new Promise<void>((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0)
    else setImmediate(resolve)
  })
}
