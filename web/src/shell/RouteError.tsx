import type { ErrorComponentProps } from '@tanstack/react-router'
import { ErrorState, failureOf } from '../ui/ErrorState.tsx'
import { PageFrame } from './PageFrame.tsx'

export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <PageFrame title="Something failed">
      <div className="card">
        <ErrorState
          what="This page could not be drawn"
          failure={failureOf(error)}
          onRetry={reset}
        />
      </div>
    </PageFrame>
  )
}
