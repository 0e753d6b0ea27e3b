import { useState } from 'react'

/** The same object for as long as its content is, so that memoised children need not draw again. */
export function useKept<T>(next: T, isSame: (kept: T, next: T) => boolean): T {
  const [kept, setKept] = useState(next)
  if (kept === next || isSame(kept, next)) return kept
  setKept(() => next)
  return next
}
