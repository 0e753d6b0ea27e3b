import { useQuery } from '@tanstack/react-query'
import { ingestHealthQuery } from '../../api/ingest-queries.ts'
import { useHealthFeed } from '../../live/use-health-feed.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { useView } from '../../shell/use-view.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { Coverage } from './Coverage.tsx'
import { HealthTiles } from './HealthTiles.tsx'
import { Limits } from './Limits.tsx'
import { Rejects } from './Rejects.tsx'
import { Sources } from './Sources.tsx'
import { Troubles } from './Troubles.tsx'

/** Can what the other pages show be trusted? What came in, what did not, and what to do about it. */
export function IngestPage() {
  const { zone } = useView()
  const health = useQuery(ingestHealthQuery)
  useHealthFeed()
  return (
    <PageFrame title="Ingest health">
      {health.isPending && <IngestSkeleton />}
      {health.data === undefined && health.isError && (
        <section className="card">
          <ErrorState
            what="Ingest health could not be loaded"
            failure={failureOf(health.error)}
            onRetry={() => void health.refetch()}
          />
        </section>
      )}
      {health.data !== undefined && (
        <div className="ingest" data-testid="ingest-health" data-at={health.data.at}>
          <Troubles health={health.data} zone={zone} />
          <HealthTiles health={health.data} />
          <div className="ingest-grid">
            <div className="ingest-column">
              <Sources health={health.data} zone={zone} />
              <Rejects health={health.data} zone={zone} />
            </div>
            <div className="ingest-column">
              <Coverage health={health.data} />
              <Limits health={health.data} />
            </div>
          </div>
        </div>
      )}
    </PageFrame>
  )
}

function IngestSkeleton() {
  return (
    <div className="ingest" aria-busy="true">
      <Skeleton height={44} />
      <Skeleton height={104} />
      <div className="ingest-grid">
        <Skeleton height={260} />
        <Skeleton height={260} />
      </div>
    </div>
  )
}
