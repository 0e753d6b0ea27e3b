import { TimeChart } from '../../../../web/src/charts/TimeChart.tsx'
import { zoneOf } from '../../../../web/src/lib/zone.ts'
import type { BenchChart } from './charts-of.ts'

const zone = zoneOf('utc')

export function OurChart({ name, ...chart }: BenchChart) {
  return <TimeChart {...chart} zone={zone} summary={name} />
}
