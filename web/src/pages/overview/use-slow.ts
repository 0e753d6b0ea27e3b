import { useState } from 'react'

const AT_MOST_EVERY_MS = 60_000

/**
 * A value that follows at most once a minute, and at once when `key` changes. What is dear to ask
 * for is asked for with it. `at` is the page's own time: storedThrough.
 */
export function useSlow<Value>(value: Value, { key, at }: { key: string; at: number }): Value {
  const [slow, setSlow] = useState({ value, key, at })
  const isDue = at - slow.at >= AT_MOST_EVERY_MS || at < slow.at
  if (slow.key === key && (!isDue || JSON.stringify(slow.value) === JSON.stringify(value))) {
    return slow.value
  }
  setSlow({ value, key, at })
  return value
}
