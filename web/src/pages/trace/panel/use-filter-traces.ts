import { useNavigate } from '@tanstack/react-router'
import { serverNow } from '../../../lib/server-time.ts'
import { useView } from '../../../shell/use-view.ts'

/** A trace outside the range seen would not be in the list: then the list is of the time around it. */
const AROUND_MS = 1_800_000

/** Opens the list of traces with one more filter. */
export function useFilterTraces(startTime: number): (filter: string) => void {
  const navigate = useNavigate()
  const { window } = useView()
  return (filter) => {
    const now = serverNow()
    const range =
      window.status === 'fixed'
        ? { from: window.from, to: window.to }
        : { from: now - window.lengthMs, to: now }
    const isSeen = startTime >= range.from && startTime < range.to
    const around = { from: Math.floor(startTime) - AROUND_MS, to: Math.ceil(startTime) + AROUND_MS }
    void navigate({
      to: '/traces',
      search: ({ t, from, to, tz, cmp, f = [] }) => ({
        ...(isSeen ? { t, from, to } : around),
        tz,
        cmp,
        f: [...new Set([...f, filter])],
      }),
    })
  }
}
