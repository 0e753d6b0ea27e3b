import type { SpanType } from '@sightline/server/contract'
import { kindOf } from './span-kind.ts'

type KindBadgeProps = { type: SpanType; isError?: boolean; large?: boolean }

/** A mark, not a text: its letter repeats the label that it is read out as. */
export function KindBadge({ type, isError = false, large = false }: KindBadgeProps) {
  const { letter, label, color } = kindOf(type)
  return (
    <span
      className={large ? 'kind kind-large' : 'kind'}
      style={{ background: isError ? 'var(--crit)' : color }}
      role="img"
      aria-label={label}
      title={label}
    >
      <svg width="100%" height="100%" viewBox="0 0 16 16" aria-hidden="true">
        <text x="8" y="8.200" textAnchor="middle" dominantBaseline="central" fill="currentColor">
          {letter}
        </text>
      </svg>
    </span>
  )
}
