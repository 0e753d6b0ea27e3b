import { setTimeout as delay } from 'node:timers/promises'

/**
 * Tries a check until it passes, instead of sleeping for as long as it might take. The bound is
 * only there to end a test that will never pass: it then fails with the check's own last error.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() >= deadline) throw error
    }
    await delay(everyMs)
  }
}
