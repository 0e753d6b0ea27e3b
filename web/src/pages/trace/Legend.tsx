import type { SpanType } from '@sightline/server/contract'
import { useMemo } from 'react'
import { KindBadge } from './KindBadge.tsx'
import { kindOf } from './span-kind.ts'
import type { TraceModel } from './trace-node.ts'

const SHOWN: readonly SpanType[] = [
  'llm',
  'retriever',
  'tool',
  'embedding',
  'guardrail',
  'evaluator',
]

/** The kinds that this trace has, and what the marks on the bars mean. */
export function Legend({ model }: { model: TraceModel }) {
  const types = useMemo(() => legendTypes(model), [model])
  const waits = useMemo(() => model.nodes.some(({ span }) => span.ttftMs !== null), [model])
  return (
    <div className="trace-legend">
      {types.map((type) => (
        <span key={type} className="legend-kind">
          <KindBadge type={type} />
          {kindOf(type).label}
        </span>
      ))}
      <span className="spacer" />
      {waits && (
        <span className="legend-kind">
          <i className="wait-swatch" />
          waiting for first token
        </span>
      )}
      <span className="legend-kind">
        <i className="path-swatch" />
        critical path
      </span>
    </div>
  )
}

/** Each colour once; what an agent, a chain or another step is stands beside its name. */
function legendTypes({ nodes }: TraceModel): SpanType[] {
  const present = new Set(nodes.map(({ span }) => span.type))
  return SHOWN.filter((type) => present.has(type))
}
