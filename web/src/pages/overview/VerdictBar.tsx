import type { ReactNode } from 'react'
import { StatusIcon, type StatusShape } from '../../ui/StatusIcon.tsx'

export type VerdictTone = 'crit' | 'warn' | 'info' | 'ok'

type VerdictBarProps = {
  state: string
  tone: VerdictTone
  badge: string
  /** Told to a screen reader once: it holds nothing that changes by itself. */
  announcement: string
  headline: string
  rest?: ReactNode
  why: ReactNode
  actions: ReactNode
}

const SHAPES: Record<VerdictTone, StatusShape> = {
  crit: 'firing',
  warn: 'warn',
  info: 'warn',
  ok: 'ok',
}

export function VerdictBar(props: VerdictBarProps) {
  const { state, tone, badge, announcement, headline, rest, why, actions } = props
  return (
    <section
      className={`verdict ${tone}`}
      aria-label="Current state"
      data-testid="verdict"
      data-state={state}
    >
      <span className="sr-only" role="status">
        {announcement}
      </span>
      <div className="verdict-text">
        <p className="num">
          <span className={`badge ${tone}`}>
            <StatusIcon shape={SHAPES[tone]} size={13} />
            {badge}
          </span>
          <b data-testid="verdict-headline">{capitalised(headline)}</b>
          {rest}
        </p>
        {why}
      </div>
      <div className="verdict-actions">{actions}</div>
    </section>
  )
}

/** `p95 latency` stays as it is; `error rate` begins a sentence. */
function capitalised(text: string): string {
  return /^p\d/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
}
