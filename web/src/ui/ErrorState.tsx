import { IconRefresh } from '@tabler/icons-react'
import { CopyText } from './CopyText.tsx'
import { StatusIcon } from './StatusIcon.tsx'

export type Failure = { message: string; requestId?: string | undefined }

type ErrorStateProps = { what: string; failure: Failure; onRetry?: () => void }

/** What failed, why, and the id under which the server logged it. */
export function ErrorState({ what, failure, onRetry }: ErrorStateProps) {
  return (
    <div className="error-state" role="alert" data-testid="error-state">
      <span className="status crit">
        <StatusIcon shape="error" />
        {what}
      </span>
      <p>{failure.message}</p>
      {failure.requestId !== undefined && (
        <span className="t3 request-id">
          request <span className="mono">{failure.requestId}</span>
          <CopyText text={failure.requestId} label="Copy the request id" />
        </span>
      )}
      {onRetry !== undefined && (
        <button type="button" className="btn" onClick={onRetry}>
          <IconRefresh size={14} aria-hidden="true" />
          Try again
        </button>
      )}
    </div>
  )
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) }
  const requestId =
    'requestId' in error && typeof error.requestId === 'string' ? error.requestId : undefined
  return { message: error.message, requestId }
}
