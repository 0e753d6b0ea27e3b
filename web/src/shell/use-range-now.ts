import { useState } from 'react'
import { boundsOf } from '../lib/live-range.ts'
import { serverNow } from '../lib/server-time.ts'
import { useView } from './use-view.ts'

/** The page's range as it stood when the part that asks was opened. */
export function useRangeNow(): { from: number; to: number } {
  const { window } = useView()
  const [now] = useState(serverNow)
  return boundsOf(window, now)
}
