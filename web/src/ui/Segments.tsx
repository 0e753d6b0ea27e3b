import type { TraceSummary } from '@sightline/server/contract'
import { durationText } from '../lib/format.ts'

type Segment = TraceSummary['segments'][number]

const WIDTH = 66
const COLORS: Record<Segment['kind'], string> = {
  retrieval: 'var(--s2)',
  wait: 'var(--ctl)',
  generation: 'var(--s1)',
  tool: 'var(--s5)',
  other: 'var(--line2)',
}
const LABELS: Record<Segment['kind'], string> = {
  retrieval: 'retrieval',
  wait: 'wait for first token',
  generation: 'generation',
  tool: 'tools',
  other: 'other',
}

type SegmentsProps = {
  segments: readonly Segment[]
  durationMs: number | null
  fullMs: number
  isError: boolean
}

/** Where a trace's time went, drawn to the scale of the list it stands in. */
export function Segments({ segments, durationMs, fullMs, isError }: SegmentsProps) {
  const scale = WIDTH / Math.max(1, fullMs)
  const parts: Segment[] =
    segments.length > 0
      ? [...segments]
      : durationMs === null
        ? []
        : [{ kind: 'other', ms: durationMs }]
  const title = parts.map(({ kind, ms }) => `${LABELS[kind]} ${durationText(ms)}`).join(', ')
  const starts = parts.map((_, index) =>
    parts.slice(0, index).reduce((sum, { ms }) => sum + ms * scale, 0),
  )
  return (
    <svg width={WIDTH} height={14} role="img" aria-label={title}>
      <title>{title}</title>
      {parts.map(({ kind, ms }, index) => (
        <rect
          key={`${index}${kind}`}
          x={starts[index]}
          y={3}
          height={8}
          rx={1.5}
          width={Math.max(1, ms * scale - 1)}
          fill={isError && kind === 'other' ? 'var(--crit)' : COLORS[kind]}
        />
      ))}
    </svg>
  )
}

export function SegmentLegend() {
  const kinds = ['retrieval', 'wait', 'generation', 'tool', 'other'] as const
  return (
    <div className="segment-legend">
      {kinds.map((kind) => (
        <span key={kind} className="key sq" style={{ '--c': COLORS[kind] }}>
          {LABELS[kind]}
        </span>
      ))}
    </div>
  )
}
