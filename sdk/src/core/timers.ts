/** A timer that does not keep the process alive. */
export function setIdleTimeout(fn: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(fn, ms)
  unref(timer)
  return timer
}

/** A repeated timer that does not keep the process alive. */
export function setIdleInterval(fn: () => void, ms: number): ReturnType<typeof setInterval> {
  const timer = setInterval(fn, ms)
  unref(timer)
  return timer
}

/** Browsers' timers are numbers and hold nothing. */
function unref(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return
  if (typeof timer.unref === 'function') timer.unref()
}

type Yielding = { readonly setImmediate?: (fn: () => void) => unknown }

/** Lets everything else that is due run first. */
export async function yieldToLoop(): Promise<void> {
  const { setImmediate } = globalThis as Yielding
  await new Promise<void>((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0)
    else setImmediate(resolve)
  })
}
