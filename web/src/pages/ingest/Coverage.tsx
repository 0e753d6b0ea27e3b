import type { IngestHealth } from '@sightline/server/contract'
import { useState } from 'react'
import { countText, figureText, ratioFigure } from '../../lib/format.ts'
import { CopyText } from '../../ui/CopyText.tsx'
import { fixOf } from './advice.ts'

/** Which fields the calls carry, and the line that fills what is missing. */
export function Coverage({ health }: { health: IngestHealth }) {
  const n = health.coverage[0]?.n ?? 0
  return (
    <section className="card" aria-label="Field coverage" data-testid="coverage">
      <div className="hd">
        <h2>Field coverage</h2>
        <span className="u num">of {countText(n)} model calls, last hour</span>
      </div>
      {n === 0 ? (
        <div className="empty">
          <b>No model call in the last hour.</b>
        </div>
      ) : (
        <ul className="coverage">
          {health.coverage.map((one) => (
            <CoverageRow key={one.field} {...one} />
          ))}
        </ul>
      )}
    </section>
  )
}

function CoverageRow({ field, share }: IngestHealth['coverage'][number]) {
  const [isOpen, setOpen] = useState(false)
  const { label, why, snippet } = fixOf(field)
  const isWhole = share >= 1 || snippet === ''
  const text = figureText(ratioFigure(share))
  return (
    <li data-field={field} data-share={share}>
      <button
        type="button"
        className="coverage-row"
        aria-expanded={isWhole ? undefined : isOpen}
        disabled={isWhole}
        onClick={() => setOpen(!isOpen)}
      >
        <span>{label}</span>
        <span className="meter" aria-hidden="true">
          <i style={{ width: `${share * 100}%` }} />
        </span>
        <span className="num">{text}</span>
        <span className="t3 coverage-hint">{isWhole ? '' : isOpen ? 'hide' : 'fill'}</span>
      </button>
      {isOpen && !isWhole && (
        <div className="coverage-fix">
          <p className="t2">Good for {why}.</p>
          <code className="mono">{snippet}</code>
          <CopyText text={snippet} label={`Copy the line for ${label}`} />
        </div>
      )}
    </li>
  )
}
