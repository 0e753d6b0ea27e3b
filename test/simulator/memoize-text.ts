const MAX_ENTRIES = 2_000

/**
 * Remembers what a pure function gave for a text of at least `minLength`. Support questions and their
 * sources recur all the time, and history handles 30,000 of them in seconds; short texts differ more
 * often (answers, results) and are quick to work on.
 */
export function memoizeText<T>(compute: (text: string) => T, minLength = 0): (text: string) => T {
  const known = new Map<string, { value: T }>()
  return (text) => {
    if (text.length < minLength) return compute(text)
    const hit = known.get(text)
    if (hit !== undefined) return hit.value
    if (known.size >= MAX_ENTRIES) known.clear()
    const value = compute(text)
    known.set(text, { value })
    return value
  }
}
