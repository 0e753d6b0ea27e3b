import { Link } from '@tanstack/react-router'
import { PageFrame } from './PageFrame.tsx'

export function NotFound() {
  return (
    <PageFrame title="Not found">
      <div className="card">
        <div className="empty">
          <b>There is no page at this address.</b>
          <Link className="link" to="/">
            Go to Overview
          </Link>
        </div>
      </div>
    </PageFrame>
  )
}
