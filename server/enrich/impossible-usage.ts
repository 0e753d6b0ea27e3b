import type { TokenUsage } from '../spans/span.ts'

const MAX_TOKENS = 1e9

const COUNTS: readonly (keyof TokenUsage)[] = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
  'audioInput',
  'audioOutput',
  'imageInput',
]

/** A part that cannot be larger than the whole it is counted in. */
const PARTS: readonly [part: keyof TokenUsage, whole: keyof TokenUsage][] = [
  ['cacheRead', 'input'],
  ['cacheWrite', 'input'],
  ['cacheWrite1h', 'cacheWrite'],
  ['audioInput', 'input'],
  ['imageInput', 'input'],
  ['reasoning', 'output'],
  ['audioOutput', 'output'],
]

export function isPossibleCount(count: number): boolean {
  return count >= 0 && count <= MAX_TOKENS
}

/**
 * The first reason why these counts cannot be what a call used, and which of them must not enter a
 * sum; null where they can. Counts are inclusive: a cache larger than the input was made room for
 * when they were read.
 */
export function findImpossible(
  usage: TokenUsage,
): { message: string; counts: (keyof TokenUsage)[] } | null {
  for (const name of COUNTS) {
    const count = usage[name]
    if (count !== null && !isPossibleCount(count)) {
      return { message: `${name} is ${count} tokens`, counts: [name] }
    }
  }
  for (const [part, whole] of PARTS) {
    const count = usage[part]
    const limit = usage[whole]
    if (count === null || limit === null || count <= limit) continue
    return { message: `${part} ${count} is more than ${whole} ${limit}`, counts: [part] }
  }
  const { input, cacheRead, cacheWrite } = usage
  if (input !== null && (cacheRead ?? 0) + (cacheWrite ?? 0) > input) {
    return {
      message: `cacheRead and cacheWrite are more than input ${input}`,
      counts: ['cacheRead', 'cacheWrite', 'cacheWrite1h'],
    }
  }
  return null
}
