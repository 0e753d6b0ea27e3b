import type { BudgetKind, TraceUsual } from '@sightline/server/contract'
import { durationText, formatFixed } from '../../lib/format.ts'
import { ENOUGH_TRACES } from './trace-facts.ts'

const PARTS: Record<BudgetKind, { label: string; color: string }> = {
  failed: { label: 'failed attempt', color: 'var(--crit)' },
  retrieval: { label: 'retrieval', color: 'var(--s2)' },
  wait: { label: 'first token', color: 'var(--ctl)' },
  generation: { label: 'generation', color: 'var(--s1)' },
  tool: { label: 'tools', color: 'var(--s5)' },
  other: { label: 'other', color: 'var(--line2)' },
}
const ORDER = Object.keys(PARTS) as BudgetKind[]
/** A part that grew by less than this share of the trace explains nothing. */
const NOTABLE_SHARE = 0.05

/** Where the time went along the critical path, each part beside its usual length. */
export function TimeBudget({ usual }: { usual: TraceUsual }) {
  const total = usual.budget.reduce((sum, { ms }) => sum + ms, 0)
  const parts = ORDER.flatMap((kind) => usual.budget.filter((part) => part.kind === kind))
  const shown = parts.filter(({ ms, medianMs }) => ms > 0 || (medianMs ?? 0) > 0)
  if (total <= 0) return null
  return (
    <section className="budget" aria-label="Where the time went" data-testid="time-budget">
      <div className="budget-head">
        <h2>Where the {durationText(total)} went</h2>
        <span className="num t3">{againstText(usual)}</span>
      </div>
      <div className="budget-bar" aria-hidden="true">
        {shown.map(
          ({ kind, ms }) =>
            ms > 0 && <i key={kind} style={{ flexGrow: ms, background: PARTS[kind].color }} />,
        )}
      </div>
      <ul className="budget-legend num">
        {shown.map(({ kind, ms, medianMs }) => (
          <li key={kind} data-kind={kind}>
            <i style={{ background: PARTS[kind].color }} />
            {PARTS[kind].label} <b>{durationText(ms)}</b>
            {medianMs !== null && (
              <Change byMs={ms - medianMs} isNotable={isNotable(ms - medianMs, total)} />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Change({ byMs, isNotable: isStrong }: { byMs: number; isNotable: boolean }) {
  return (
    <span className={isStrong ? 'change crit' : 'change t3'}>
      {Math.round(byMs) > 0 && '+'}
      {changeText(byMs)}
    </span>
  )
}

/** In the unit the trace is told in: seconds from 10 ms on. */
function changeText(byMs: number): string {
  if (Math.abs(byMs) < 0.5) return '0 ms'
  return Math.abs(byMs) < 10 ? `${formatFixed(byMs, 0)} ms` : `${formatFixed(byMs / 1_000, 2)} s`
}

function isNotable(byMs: number, total: number): boolean {
  return byMs > total * NOTABLE_SHARE
}

function againstText({ n, medianDurationMs }: TraceUsual): string {
  if (n === 0 || medianDurationMs === null) return 'no earlier trace of this name to compare with'
  const of = `vs median of ${n} trace${n === 1 ? '' : 's'}, ${durationText(medianDurationMs)}`
  return n < ENOUGH_TRACES ? `${of}: too few to judge` : of
}
