import { IconCheck } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { instantText } from '../../lib/zone.ts'
import { useView } from '../../shell/use-view.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { CheckList } from './CheckList.tsx'
import { useArrival, type FirstSpan } from './use-arrival.ts'

const PATIENCE_MS = 60_000

/** The light: it turns green by itself when the first span arrives. */
export function Listening() {
  const arrival = useArrival()
  const isLate = useLate(arrival.status === 'waiting')
  switch (arrival.status) {
    case 'pending':
      return <div className="card start-light" data-testid="listening" data-state="pending" />
    case 'error':
      return (
        <div className="card">
          <ErrorState
            what="Whether something has arrived is not known"
            failure={failureOf(arrival.error)}
            onRetry={arrival.retry}
          />
        </div>
      )
    case 'waiting':
      return (
        <>
          <div
            className="card start-light"
            role="status"
            data-testid="listening"
            data-state="waiting"
          >
            <span className="dot pulse t3" />
            <div>
              <b>Listening for the first span</b>
              <p>This turns green the moment it arrives. No reload needed.</p>
            </div>
          </div>
          {isLate && <CheckList />}
        </>
      )
    case 'arrived':
      return <Arrived span={arrival.span} settle={arrival.settle} />
    case 'known':
      return <Known latest={arrival.latest} isNew={arrival.isNew} />
  }
}

function Arrived({ span, settle }: { span: FirstSpan; settle: () => Promise<void> }) {
  const navigate = useNavigate()
  const onOverview = async (): Promise<void> => {
    await settle()
    await navigate({ to: '/' })
  }
  return (
    <div
      className="card start-light arrived"
      role="status"
      data-testid="listening"
      data-state="arrived"
    >
      <IconCheck size={18} aria-hidden="true" />
      <div>
        <b>First span received{span.service === null ? '' : ` from ${span.service}`}</b>
        <p>
          <Link
            className="link"
            to="/traces/$traceId"
            params={{ traceId: span.traceId }}
            search={{ span: span.spanId }}
            data-testid="first-trace-link"
          >
            Open its trace
          </Link>{' '}
          or{' '}
          <button type="button" className="link" onClick={() => void onOverview()}>
            go to the overview
          </button>
        </p>
      </div>
    </div>
  )
}

type KnownProps = {
  latest: { traceId: string; name: string; service: string | null; startTime: number } | undefined
  isNew: boolean
}

/** A project that has data: the newest trace tells whether one's own has come. */
function Known({ latest, isNew }: KnownProps) {
  const { zone } = useView()
  return (
    <div className="card start-light arrived" data-testid="listening" data-state="known">
      <IconCheck size={18} aria-hidden="true" />
      <div>
        <b>This project receives traces</b>
        {latest !== undefined && (
          <p>
            {isNew ? 'Just now' : 'Newest'}:{' '}
            <Link className="link" to="/traces/$traceId" params={{ traceId: latest.traceId }}>
              {latest.name}
            </Link>
            {latest.service === null ? '' : ` of ${latest.service}`},{' '}
            <span className="num">{instantText(latest.startTime, zone)}</span>
          </p>
        )}
      </div>
    </div>
  )
}

function useLate(isWaiting: boolean): boolean {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    if (!isWaiting) return undefined
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [isWaiting])
  return isLate
}
