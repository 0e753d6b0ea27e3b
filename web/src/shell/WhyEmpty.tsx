import { Link } from '@tanstack/react-router'
import { dayClockText } from '../lib/zone.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { useEmptyReason } from './use-empty-reason.ts'
import { useView } from './use-view.ts'

/** In the place of a list that came out empty: which of three, and what helps. */
export function WhyEmpty({ what }: { what: string }) {
  const { zone } = useView()
  const reason = useEmptyReason(true)
  return (
    <EmptyState
      reason={reason}
      what={what}
      timeText={(at) => dayClockText(at, zone)}
      startLink={
        <Link className="link" to="/start">
          Connect an application
        </Link>
      }
    />
  )
}
