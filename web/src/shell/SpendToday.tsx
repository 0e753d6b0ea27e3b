import type { LiveMetricEntry } from '@sightline/server/contract'
import { useEffect, useMemo, useState } from 'react'
import { useLiveMetrics } from '../live/use-live-metrics.ts'
import { countText, moneyText } from '../lib/format.ts'
import { serverNow } from '../lib/server-time.ts'
import { startOfDay } from '../lib/wall-time.ts'
import type { Window } from '../lib/window.ts'
import { clockText, type Zone } from '../lib/zone.ts'
import { spendOf } from './spend-today.ts'
import { useView } from './use-view.ts'

const STEP_MS = 15 * 60_000
const ENTRIES: LiveMetricEntry[] = [
  { metric: 'cost', step: STEP_MS },
  { metric: 'requests', step: STEP_MS },
]

/** The day's spend in the page's zone, pushed. Absent as long as nothing has cost anything. */
export function SpendToday() {
  const { zone } = useView()
  const { today, yesterday } = useDays(zone)
  const window = useMemo(
    (): Window => ({
      status: 'fixed',
      from: today,
      to: today + 86_400_000,
      // The subscription begins one length before: at yesterday's midnight.
      lengthMs: today - yesterday,
      stepMs: STEP_MS,
    }),
    [today, yesterday],
  )
  const { metrics } = useLiveMetrics(ENTRIES, window, true)
  if (metrics === null) return null
  const { entries, storedThrough } = metrics
  const spend = spendOf(entries, { yesterday, today, storedThrough, stepMs: STEP_MS })
  if (spend === null) return null
  const { todayUsd, yesterdayUsd, yesterdayUntil, unpricedCalls } = spend
  const most = Math.max(todayUsd, yesterdayUsd, 1e-9)
  return (
    <section className="spend" aria-label="Spend today" data-testid="spend-today">
      <div className="spend-line">
        <span>Spend today</span>
        <b data-testid="spend-value" title={String(todayUsd)}>
          {moneyText(todayUsd)}
        </b>
      </div>
      <div className="spend-bar" aria-hidden="true">
        <i style={{ width: `${(100 * todayUsd) / most}%` }} />
        <u style={{ left: `${(100 * yesterdayUsd) / most}%` }} />
      </div>
      <div className="spend-line t3">
        <span>
          yesterday by {clockText(yesterdayUntil, zone)} {moneyText(yesterdayUsd)}
        </span>
      </div>
      {unpricedCalls > 0 && (
        <div className="spend-line t3">{countText(unpricedCalls)} calls without a price</div>
      )}
    </section>
  )
}

/** Midnights of the page's zone; they move on with the clock. */
function useDays(zone: Zone): { today: number; yesterday: number } {
  const [now, setNow] = useState(serverNow)
  const today = startOfDay(now, zone)
  const tomorrow = startOfDay(now, zone, 1)
  useEffect(() => {
    const timer = setTimeout(() => setNow(serverNow()), Math.max(1_000, tomorrow - serverNow()))
    return () => clearTimeout(timer)
  }, [tomorrow, now])
  return { today, yesterday: startOfDay(now, zone, -1) }
}
