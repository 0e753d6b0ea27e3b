import type { Incident, Rule } from '@sightline/server/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { explainQuery, openIncidentsQuery, releasesQuery } from '../../api/overview-queries.ts'
import { acknowledgeIncident, keys, rulesQuery } from '../../api/queries.ts'
import { countText } from '../../lib/format.ts'
import { usePageKeys } from '../../lib/page-keys.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { ChangeVerdict } from './ChangeVerdict.tsx'
import { tracesWord } from './metric-words.ts'
import type { OverviewModel } from './overview-model.ts'
import { useOpenTraces } from './use-open-traces.ts'
import { VerdictBar } from './VerdictBar.tsx'
import { incidentFilter, incidentRanges, incidentVerdict, worstIncident } from './verdict.ts'
import { Why } from './Why.tsx'

type VerdictProps = { model: OverviewModel; filters: readonly string[] }

/** Is it healthy, and if not, what changed: one sentence and the values that stand out. */
export function Verdict({ model, filters }: VerdictProps) {
  const incidents = useQuery(openIncidentsQuery)
  const rules = useQuery(rulesQuery)
  if (incidents.isError || rules.isError) {
    const failed = incidents.isError ? incidents : rules
    return (
      <div className="card notice" data-testid="verdict" data-state="error">
        <ErrorState
          what="Whether an alert fires could not be asked"
          failure={failureOf(failed.error)}
          onRetry={() => void failed.refetch()}
        />
      </div>
    )
  }
  if (incidents.isPending || rules.isPending) {
    return (
      <div className="verdict quiet" data-testid="verdict" data-state="pending">
        <Skeleton height={18} width={320} />
      </div>
    )
  }
  const worst = worstIncident(incidents.data.items)
  const enabled = rules.data.items.filter((rule) => rule.enabled)
  if (worst !== null) {
    const { incident, more } = worst
    return (
      <IncidentBar
        key={incident.id}
        incident={incident}
        rule={rules.data.items.find(({ id }) => id === incident.ruleId)}
        more={more}
        now={model.storedThrough}
      />
    )
  }
  return enabled.length === 0 ? (
    <ChangeVerdict model={model} filters={filters} />
  ) : (
    <AllWell rules={enabled} />
  )
}

type IncidentBarProps = { incident: Incident; rule: Rule | undefined; more: number; now: number }

function IncidentBar({ incident, rule, more, now }: IncidentBarProps) {
  const releaseRange = { from: incident.startAt - 30 * 60_000, to: incident.startAt + 1 }
  const releases = useQuery(releasesQuery(releaseRange))
  const ranges = incidentRanges(incident, rule, now)
  const own = incidentFilter(incident, rule)
  const metric = rule?.condition.metric ?? 'latency_p95'
  const explained = useQuery(explainQuery({ metric, f: own, ...ranges }))
  const { tone, badge, headline, release } = incidentVerdict({
    incident,
    rule,
    releases: releases.data?.items ?? [],
    now,
  })
  const openTraces = useOpenTraces()
  const target = { range: { from: ranges.from, to: ranges.to }, f: [...own, ...worseTerms()] }
  usePageKeys('Verdict', [
    { keys: 'v', label: 'Traces of the verdict', run: () => openTraces(target) },
  ])

  function worseTerms(): readonly string[] {
    if (explained.data !== undefined) return explained.data.f
    return metric.startsWith('error') ? ['status:eq:error'] : []
  }

  return (
    <VerdictBar
      state={incident.state}
      tone={tone}
      badge={badge}
      announcement={`${incident.ruleName}: ${incident.severity} incident, ${incident.state}`}
      headline={headline}
      rest={
        <>
          {release !== null && (
            <>
              {' '}
              {release.text} <b className="mono">{release.name}</b>.
            </>
          )}
          {more > 0 && (
            <Link className="link more" to="/alerts" data-testid="more-incidents">
              +{countText(more)} more
            </Link>
          )}
        </>
      }
      why={<Why query={explained} what={tracesWord(metric)} target={target} />}
      actions={
        <>
          <Acknowledge incident={incident} />
          <button
            type="button"
            className="btn primary"
            data-testid="verdict-traces"
            onClick={() => openTraces(target)}
          >
            Open {tracesWord(metric)}
          </button>
        </>
      }
    />
  )
}

function Acknowledge({ incident: { id, ackBy } }: { incident: Incident }) {
  const queryClient = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: () => acknowledgeIncident(id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.incidents }),
  })
  if (ackBy !== null) return <span className="t3 acknowledged">acknowledged by {ackBy}</span>
  return (
    <button
      type="button"
      className="btn ghost"
      data-testid="verdict-ack"
      disabled={acknowledge.isPending}
      title={acknowledge.error?.message}
      onClick={() => acknowledge.mutate()}
    >
      {acknowledge.isError ? 'Failed, try again' : 'Acknowledge'}
    </button>
  )
}

/** No rule fires. A rule that cannot tell is not well. */
function AllWell({ rules }: { rules: readonly Rule[] }) {
  const groups = rules.flatMap(({ state }) => state.groups)
  const pending = groups.filter(({ state }) => state === 'pending').length
  const blind = rules.filter(({ state }) =>
    state.groups.some(({ health }) => health === 'error' || health === 'nodata'),
  ).length
  const count = rules.length === 1 ? '1 rule watches' : `${rules.length} rules watch`
  return (
    <section
      className="verdict quiet"
      aria-label="Current state"
      data-testid="verdict"
      data-state="ok"
    >
      <p>
        <span className={`status ${blind > 0 ? 'warn' : 'ok'}`}>
          <StatusIcon shape={blind > 0 ? 'warn' : 'ok'} size={13} />
          {blind > 0 ? 'Nothing fires' : 'All well'}
        </span>
        <span className="num">
          {count} this project, none is firing
          {pending > 0 && `, ${pending} pending`}
          {blind > 0 && `, ${blind} without data or failing`}.
        </span>
      </p>
      <Link className="link" to="/alerts">
        Rules
      </Link>
    </section>
  )
}
