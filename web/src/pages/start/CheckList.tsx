import { useQuery } from '@tanstack/react-query'
import { serverCountsQuery } from '../../api/shell-queries.ts'
import { useConnection } from '../../live/use-connection.ts'
import { countOf } from '../../lib/format.ts'
import { StatusIcon, type StatusShape } from '../../ui/StatusIcon.tsx'

type Check = { shape: StatusShape; text: string; help: string }

/** What to look at when nothing has come; the server tells what it can. */
export function CheckList() {
  const { status } = useConnection()
  const counts = useQuery(serverCountsQuery)
  const checks: Check[] = [
    status === 'live'
      ? { shape: 'ok', text: 'This page reaches the server', help: '' }
      : {
          shape: 'error',
          text: 'This page has lost the server',
          help: 'Is it still running? It comes back by itself.',
        },
    ...countChecks(counts.data),
    {
      shape: 'gap',
      text: `Is the address ${location.origin}?`,
      help: 'From a container or another machine, localhost is not this server. Exporters add /v1/traces to the endpoint themselves; one set for traces alone must end with it.',
    },
    {
      shape: 'gap',
      text: 'Did the program live long enough to send?',
      help: 'A short program must flush before it ends: await shutdown() of the SDK, or provider.shutdown() of OpenTelemetry.',
    },
    {
      shape: 'gap',
      text: 'Is every trace sampled out?',
      help: 'OTEL_TRACES_SAMPLER=always_on sends all of them.',
    },
  ]
  return (
    <section className="card start-checks" aria-label="Nothing yet" data-testid="check-list">
      <h2>Nothing yet. What to look at</h2>
      <ul>
        {checks.map(({ shape, text, help }) => (
          <li key={text}>
            <span className={shape === 'ok' ? 'ok' : shape === 'error' ? 'crit' : 't3'}>
              <StatusIcon shape={shape} />
            </span>
            <div>
              <b>{text}</b>
              {help !== '' && <p>{help}</p>}
            </div>
          </li>
        ))}
      </ul>
      <button type="button" className="btn" onClick={() => void counts.refetch()}>
        Look again
      </button>
    </section>
  )
}

function countChecks(counts: { rejected: number; busy: number } | undefined): Check[] {
  if (counts === undefined) return []
  const checks: Check[] = []
  if (counts.rejected > 0) {
    checks.push({
      shape: 'error',
      text: `The server refused ${countOf(counts.rejected, 'span')} since it started`,
      help: 'The answer to the exporter names the reason: look for partial_success or an error in your program’s log.',
    })
  } else {
    checks.push({ shape: 'ok', text: 'The server has refused no span since it started', help: '' })
  }
  if (counts.busy > 0) {
    checks.push({
      shape: 'warn',
      text: `The server asked ${countOf(counts.busy, 'request')} to come again later`,
      help: 'It was busy; exporters try again by themselves.',
    })
  }
  return checks
}
