import type { IngestHealth } from '@sightline/server/contract'
import { countText, spanText } from '../../lib/format.ts'
import { StatusIcon } from '../../ui/StatusIcon.tsx'

/** Clocks that are off, and fields with so many values that charts fold some of them. */
export function Limits({ health }: { health: IngestHealth }) {
  const { clockSkew, cardinality } = health
  return (
    <section className="card" aria-label="Clocks and cardinality" data-testid="limits">
      <div className="hd">
        <h2>Clocks</h2>
        <span className="u">off by more than a second</span>
      </div>
      {clockSkew.length === 0 ? (
        <p className="pad t2">
          <span className="status ok">
            <StatusIcon shape="ok" />
            All clocks agree with this collector’s.
          </span>
        </p>
      ) : (
        <ul className="limit-list">
          {clockSkew.map(({ service, skewMs, n }) => (
            <li key={service ?? ''}>
              <b>{service ?? 'no name'}</b>
              <span className="num">
                {spanText(Math.abs(skewMs))} {skewMs > 0 ? 'ahead' : 'behind'}
              </span>
              <span className="t3 num">n {countText(n)}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="hd">
        <h2>Distinct values</h2>
        <span className="u">last hour; charts fold the rest as “other”</span>
      </div>
      <ul className="limit-list">
        {cardinality.map(({ field, values, limit, folded }) => (
          <li key={field} data-field={field} data-values={values}>
            <b>{field}</b>
            <span className="num">
              {countText(values)}
              {limit !== null && <span className="t3"> of {countText(limit)}</span>}
            </span>
            {folded && (
              <span className="status warn">
                <StatusIcon shape="warn" />
                folded
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
