import type { SpanError } from '@sightline/server/contract'
import { StatusIcon } from '../../../ui/StatusIcon.tsx'
import { PlainText } from './PlainText.tsx'

/** What failed, however the sender said so: type, status code and message. */
export function SpanErrorBanner({ error }: { error: SpanError }) {
  const { type, message, statusCode } = error
  const code = statusCode === null ? null : String(statusCode)
  return (
    <section className="span-error" aria-label="Error of the span" data-testid="span-error">
      <p className="status crit">
        <StatusIcon shape="error" size={14} />
        {type ?? 'Failed'}
        {code !== null && code !== type && <span className="num"> status {code}</span>}
      </p>
      {message !== null && message !== type && <PlainText text={message} mono />}
    </section>
  )
}
