import type { IngestHealth } from '@sightline/server/contract'
import { countText } from '../../lib/format.ts'
import { clockText, type Zone } from '../../lib/zone.ts'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { troublesOf, type Trouble } from './troubles.ts'

const SHAPES = { crit: 'error', warn: 'warn', info: 'gap' } as const

/** The answer first: nothing is missing, or what is. */
export function Troubles({ health, zone }: { health: IngestHealth; zone: Zone }) {
  const troubles = troublesOf(health)
  const received = health.minutes.reduce((total, one) => total + one.received, 0)
  if (troubles.length === 0) {
    return (
      <section className="verdict quiet" aria-label="Verdict" data-testid="ingest-verdict">
        <p>
          <span className="status ok">
            <StatusIcon shape="ok" />
            Nothing is missing
          </span>
          <span>
            {received === 0
              ? 'Nothing was sent in the last hour.'
              : `All ${countText(received)} records of the last hour were stored, or were there already.`}
          </span>
        </p>
        <CanaryText canary={health.canary} zone={zone} />
      </section>
    )
  }
  return (
    <section className="troubles" aria-label="Verdict" data-testid="ingest-verdict">
      {troubles.map((trouble) => (
        <TroubleLine key={trouble.title} trouble={trouble} />
      ))}
      <CanaryText canary={health.canary} zone={zone} />
    </section>
  )
}

function TroubleLine({ trouble: { tone, title, advice } }: { trouble: Trouble }) {
  return (
    <div className={`trouble ${tone}`}>
      <span className={`status ${tone}`}>
        <StatusIcon shape={SHAPES[tone]} />
        {title}
      </span>
      <p>{advice}</p>
    </div>
  )
}

function CanaryText({ canary, zone }: { canary: IngestHealth['canary']; zone: Zone }) {
  const { status, lastSeenAt } = canary
  const text =
    status === 'off'
      ? 'Canary off'
      : lastSeenAt === null
        ? 'Canary not back yet'
        : `Canary back at ${clockText(lastSeenAt, zone, true)}`
  return (
    <span className="t3 canary" data-testid="canary" data-status={status}>
      {text}
    </span>
  )
}
