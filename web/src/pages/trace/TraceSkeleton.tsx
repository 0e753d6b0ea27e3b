import { Skeleton } from '../../ui/Skeleton.tsx'

/** The page's final shape while its first spans are on the way. */
export function TraceSkeleton() {
  return (
    <div className="trace-skeleton" aria-busy="true">
      <Skeleton height={40} />
      <div className="trace-skeleton-body">
        <Skeleton height={520} />
        <Skeleton height={520} />
      </div>
    </div>
  )
}
