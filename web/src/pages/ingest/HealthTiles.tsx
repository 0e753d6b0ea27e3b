import type { IngestHealth } from '@sightline/server/contract'
import type { ReactNode } from 'react'
import type { Row } from '../../charts/rows.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import {
  bytesFigure,
  bytesText,
  countFigure,
  countOf,
  countText,
  durationFigure,
  metricFigure,
  type Figure,
} from '../../lib/format.ts'

/** Rates and room: what comes in, what does not, how late, how full. */
export function HealthTiles({ health }: { health: IngestHealth }) {
  const { minutes, disk, rejected, bytesInFlight, bytesLimit } = health
  const rows: Row[] = minutes.map(({ minute, received, rejected: refused, dropped }) => {
    return { t: minute, n: received, isGap: false, values: { received, refused, dropped } }
  })
  const completeTo = minutes.at(-1)?.minute ?? 0
  const spark = (valueKey: string, isBad: boolean) => (
    <Sparkline
      rows={rows}
      valueKey={valueKey}
      completeTo={completeTo}
      color={isBad ? 'var(--warn)' : 'var(--t2)'}
    />
  )
  const refused = rejected.reduce((total, { records }) => total + records, 0)
  const requests = rejected.reduce((total, one) => total + one.requests, 0)
  return (
    <div className="card tiles">
      <Tile
        label="Accepted"
        id="accepted"
        value={health.acceptedPerSecond}
        figure={metricFigure(health.acceptedPerSecond, '1/s')}
        note={`mean of ${health.windowMs / 60_000} min`}
      >
        {spark('received', false)}
      </Tile>
      <Tile
        label="Rejected"
        id="rejected"
        value={refused}
        figure={countFigure(refused)}
        isBad={refused > 0 || requests > 0}
        note={
          requests === 0 ? 'records, last hour' : `and ${countOf(requests, 'request')}, last hour`
        }
      >
        {spark('refused', refused > 0)}
      </Tile>
      <Tile
        label="Dropped by SDKs"
        id="dropped"
        value={health.dropped}
        figure={countFigure(health.dropped)}
        isBad={health.dropped > 0}
        note="spans, last day"
      >
        {spark('dropped', health.dropped > 0)}
      </Tile>
      <Tile
        label="Lag p95"
        id="lag"
        value={health.lagP95Ms}
        figure={health.lagP95Ms === null ? null : durationFigure(health.lagP95Ms)}
        note="from a span's end to here"
      />
      <Tile
        label="In flight"
        id="in-flight"
        value={bytesInFlight}
        figure={bytesFigure(bytesInFlight)}
        note={`of ${bytesText(bytesLimit)}, ${countText(health.queuedSpans)} spans queued`}
      >
        <Share value={bytesInFlight / bytesLimit} />
      </Tile>
      <Tile
        label="Database"
        id="disk"
        value={disk.databaseBytes}
        figure={bytesFigure(disk.databaseBytes)}
        note={diskNote(disk)}
      >
        {disk.freeBytes !== null && (
          <Share value={disk.databaseBytes / (disk.databaseBytes + disk.freeBytes)} />
        )}
      </Tile>
    </div>
  )
}

type TileProps = {
  label: string
  id: string
  value: number | null
  figure: Figure | null
  note: string
  isBad?: boolean
  children?: ReactNode
}

function Tile({ label, id, value, figure, note, isBad = false, children }: TileProps) {
  return (
    <section
      className="tile"
      aria-label={label}
      data-testid={`health-${id}`}
      data-value={value ?? ''}
    >
      <h2>{label}</h2>
      <div className={isBad ? 'v num warn' : 'v num'}>
        {figure === null ? <span className="t3">none</span> : figure.text}
        {figure !== null && figure.unit !== '' && <em>{figure.unit}</em>}
      </div>
      <div className="d num">
        <span className="tile-note">{note}</span>
      </div>
      {children}
    </section>
  )
}

function Share({ value }: { value: number }) {
  const width = `${Math.min(100, Math.max(0, value * 100))}%`
  return (
    <div className="meter" aria-hidden="true">
      <i style={{ width }} />
    </div>
  )
}

function diskNote({ freeBytes, daysLeft }: IngestHealth['disk']): string {
  if (freeBytes === null) return 'on a server of its own'
  const free = `${bytesText(freeBytes)} free`
  return daysLeft === null ? free : `${free}, ${countText(Math.floor(daysLeft))} days`
}
