import { memo, useId } from 'react'
import { HatchPattern } from './Backdrop.tsx'
import { useWidth } from './use-width.ts'

export type StripBucket = { t: number; evidence: number | null; isShifted: boolean }

type EvidenceStripProps = {
  buckets: readonly StripBucket[]
  threshold: number
  summary: string
}

const HEIGHT = 24
/** Bars end at twice the threshold; the line across stands at the threshold itself. */
const FULL_SCALE = 2

/** Evidence against its threshold, one bar a bucket; hatched where calls were too few. */
export const EvidenceStrip = memo(function EvidenceStrip(props: EvidenceStripProps) {
  const { ref, width } = useWidth()
  return (
    <div ref={ref} className="strip" style={{ height: HEIGHT }}>
      {width > 0 && <Strip {...props} width={width} />}
    </div>
  )
})

function Strip({ buckets, threshold, summary, width }: EvidenceStripProps & { width: number }) {
  const patternId = useId()
  const slot = width / Math.max(1, buckets.length)
  const bar = Math.max(1, slot - (slot > 4 ? 1.5 : 0.5))
  const limitY = HEIGHT - HEIGHT / FULL_SCALE
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={summary}>
      <HatchPattern id={patternId} />
      {buckets.map(({ t, evidence, isShifted }, index) => {
        if (evidence === null) {
          return (
            <rect
              key={t}
              x={index * slot}
              y={0}
              width={bar}
              height={HEIGHT}
              fill={`url(#${patternId})`}
              opacity={0.6}
            />
          )
        }
        const share = Math.min(1, Math.max(0, evidence / threshold) / FULL_SCALE)
        const height = Math.max(3, share * HEIGHT)
        const isOver = evidence >= threshold
        const fill = isShifted ? 'var(--crit)' : isOver ? 'var(--warn)' : 'var(--t3)'
        return (
          <rect
            key={t}
            x={index * slot}
            y={HEIGHT - height}
            width={bar}
            height={height}
            rx={1}
            fill={fill}
            opacity={isShifted || isOver ? 1 : 0.55}
          />
        )
      })}
      <line x1={0} x2={width} y1={limitY} y2={limitY} stroke="var(--ctl)" strokeDasharray="2 3" />
      <line x1={0} x2={width} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="var(--line)" />
    </svg>
  )
}
