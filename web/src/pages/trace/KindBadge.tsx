import type { SpanType } from '@sightline/server/contract'
import { kindOf } from './span-kind.ts'

export function KindBadge({
  type,
  isError = false,
  large = false,
}: {
  type: SpanType
  isError?: boolean
  large?: boolean
}) {
  const { letter, label, color } = kindOf(type)
  return (
    <span
      className={large ? 'kind kind-large' : 'kind'}
      style={{ background: isError ? 'var(--crit)' : color }}
      title={label}
    >
      {letter}
    </span>
  )
}
