/** A placeholder in the final shape; it shows after 150 ms, so fast answers do not flash. */
export function Skeleton({ height, width = '100%' }: { height: number; width?: number | string }) {
  return <div className="skeleton" style={{ height, width }} aria-hidden="true" />
}
