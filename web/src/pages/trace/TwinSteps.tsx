import { useMemo, useState } from 'react'
import { countText, durationText } from '../../lib/format.ts'
import { KindBadge } from './KindBadge.tsx'
import { byDifference, matchedSteps, type StepPair } from './twin-steps.ts'
import type { TraceModel, TraceNode } from './trace-node.ts'

const FIRST_STEPS = 12

/** Step by step, those that differ most first. */
export function TwinSteps({ here, there }: { here: TraceModel; there: TraceModel }) {
  const [limit, setLimit] = useState(FIRST_STEPS)
  const pairs = useMemo(() => byDifference(matchedSteps(here, there)), [here, there])
  return (
    <section className="twin-steps" aria-label="Differences by step">
      <table className="num" data-testid="twin-steps">
        <caption className="sr-only">Time of each step in both traces</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">This trace</th>
            <th scope="col">Fast one</th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {pairs.slice(0, limit).map((pair) => (
            <Step key={pair.key} pair={pair} />
          ))}
        </tbody>
      </table>
      {limit < pairs.length && (
        <button type="button" className="link" onClick={() => setLimit(limit * 4)}>
          Show more: {countText(pairs.length - limit)} steps left
        </button>
      )}
    </section>
  )
}

function Step({ pair: { here, there, byMs } }: { pair: StepPair }) {
  const node = here ?? there
  if (node === null) return null
  const { span, attempt } = node
  const isError = here?.span.status === 'error'
  const sign = byMs >= 0.5 ? '+' : ''
  return (
    <tr data-testid="twin-step">
      <th scope="row">
        <span className="step-name">
          <KindBadge type={span.type} isError={isError} />
          {span.name}
          {attempt !== null && (
            <span className="t3">
              attempt {attempt.number}/{attempt.of}
            </span>
          )}
          {isError && <span className="crit">failed</span>}
        </span>
      </th>
      <td>{timeOf(here)}</td>
      <td>{timeOf(there)}</td>
      <td className={byMs >= 0.5 ? 'crit' : byMs <= -0.5 ? 'ok' : 't3'}>
        {sign}
        {durationText(byMs)}
      </td>
    </tr>
  )
}

function timeOf(node: TraceNode | null): string {
  return node === null ? 'not there' : durationText(node.durationMs)
}
