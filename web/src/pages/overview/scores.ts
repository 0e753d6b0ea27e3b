import type { Score } from '@sightline/server/contract'

/** The name that most of the given scores carry; null without any. */
export function mostUsedScore(scores: readonly Pick<Score, 'name'>[]): string | null {
  const counts = new Map<string, number>()
  for (const { name } of scores) counts.set(name, (counts.get(name) ?? 0) + 1)
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return most?.[0] ?? null
}
