import type { RefusedTerm } from './QueryBar.tsx'

/** Which term of the filter the server named when it refused the list. */
export function refusedTerm(error: Error | null): RefusedTerm | null {
  if (error === null || !('field' in error) || error.field !== 'f') return null
  const match = /^filter term (\d+): ([^]*)$/.exec(error.message)
  if (match === null) return null
  return { index: Number(match[1]) - 1, message: match[2] ?? error.message }
}
