import { durationText } from '../../lib/format.ts'
import { kindOf } from './span-kind.ts'
import type { TraceNode } from './trace-node.ts'
import { percentOf, type Zoom } from './zoom.ts'

const MAX_PATH_PIECES = 40

/** The bar; the wait for the first token is its hollow part, the line below is the critical path. */
export function Bar({ node, zoom }: { node: TraceNode; zoom: Zoom }) {
  const { span, startMs, durationMs, children } = node
  const left = percentOf(startMs, zoom)
  const right = percentOf(startMs + durationMs, zoom)
  const isError = span.status === 'error'
  const color = isError ? 'var(--crit)' : kindOf(span.type).color
  const isContainer = children.length > 0 && span.type !== 'llm' && !isError
  const [from, to] = [Math.max(left, -2), Math.min(right, 102)]
  if (from > 100 || to < 0) return <OutOfSight isBefore={to < 0} />
  return (
    <>
      <span
        className={`bar${isContainer ? ' bar-container' : ''}${span.ttftMs === null ? '' : ' bar-split'}`}
        style={{
          left: `${from}%`,
          width: `max(2px, ${to - from}%)`,
          background: color,
          borderColor: color,
        }}
      >
        {span.ttftMs !== null && <Wait node={node} zoom={zoom} from={from} to={to} />}
      </span>
      <Path node={node} zoom={zoom} />
      <Label left={from} right={to} tone={isError ? 'crit' : ''} text={durationText(durationMs)} />
    </>
  )
}

type WaitProps = { node: TraceNode; zoom: Zoom; from: number; to: number }

function Wait({ node, zoom, from, to }: WaitProps) {
  const waitMs = Math.min(node.span.ttftMs ?? 0, node.durationMs)
  const end = Math.min(Math.max(percentOf(node.startMs + waitMs, zoom), from), to)
  return to > from ? <i style={{ width: `${((end - from) / (to - from)) * 100}%` }} /> : null
}

function Path({ node, zoom }: { node: TraceNode; zoom: Zoom }) {
  const { path } = node
  if (path.length === 0) return null
  const pieces: TraceNode['path'] =
    path.length <= MAX_PATH_PIECES ? path : [[path.at(-1)?.[0] ?? 0, path[0]?.[1] ?? 0]]
  return pieces.map(([fromMs, toMs]) => {
    const left = Math.max(percentOf(fromMs, zoom), 0)
    const right = Math.min(percentOf(toMs, zoom), 100)
    return right < 0 || left > 100 ? null : (
      <i
        key={fromMs}
        className="path"
        style={{ left: `${left}%`, width: `max(2px, ${right - left}%)` }}
      />
    )
  })
}

type LabelProps = { left: number; right: number; tone: string; text: string }

/** After the bar: the lane keeps room for it; before it where the bar goes on out of sight. */
function Label({ left, right, tone, text }: LabelProps) {
  const className = `bar-label num ${tone}`
  const isAfter = right <= 101 || left < 14
  return (
    <span
      className={className}
      style={
        isAfter
          ? { left: `calc(${Math.min(Math.max(right, 0), 100)}% + 6px)` }
          : { right: `calc(${100 - Math.min(left, 100)}% + 6px)` }
      }
    >
      {text}
    </span>
  )
}

function OutOfSight({ isBefore }: { isBefore: boolean }) {
  return (
    <span className="bar-label t3" style={isBefore ? { left: 4 } : { right: 4 }}>
      {isBefore ? '‹' : '›'}
    </span>
  )
}
