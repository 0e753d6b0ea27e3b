import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { incidentsQuery, rulesQuery } from '../../api/queries.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { useView } from '../../shell/use-view.ts'
import { Channels } from './Channels.tsx'
import { Incidents } from './Incidents.tsx'
import { RuleForm } from './RuleForm.tsx'
import { EMPTY_DRAFT, draftOf } from './rule-draft.ts'
import { Rules } from './Rules.tsx'

export function AlertsPage() {
  const { zone, filters } = useView()
  const { metric, op, critical } = useSearch({ from: '/alerts' })
  const navigate = useNavigate()
  const [isAsked, setAsked] = useState(false)
  const isFormOpen = isAsked || metric !== undefined
  const initial = metric === undefined ? EMPTY_DRAFT : draftOf({ metric, op, critical, filters })
  const onDone = (): void => {
    setAsked(false)
    // A rule begun by the address is begun once: going back or reloading must not begin it anew.
    if (metric !== undefined) void navigate({ to: '/alerts', search: {}, replace: true })
  }
  const rules = useQuery(rulesQuery)
  const incidents = useQuery(incidentsQuery)
  const isFirstRule = rules.data?.items.length === 0
  return (
    <PageFrame title="Alerts">
      <div className="alerts">
        <Incidents query={incidents} zone={zone} />
        <section className="card" aria-label="Rules">
          <div className="hd">
            <h2>Rules</h2>
            <span className="u num">{rules.data?.items.length ?? ''}</span>
            <div className="r">
              {!isFormOpen && (
                <button
                  type="button"
                  className="btn primary"
                  data-testid="new-rule"
                  onClick={() => setAsked(true)}
                >
                  <IconPlus size={14} aria-hidden="true" />
                  New rule
                </button>
              )}
            </div>
          </div>
          {isFormOpen && (
            <RuleForm key={JSON.stringify(initial)} initial={initial} onDone={onDone} />
          )}
          {isFirstRule && !isFormOpen && (
            <div className="empty">
              <b>No rule yet.</b>A rule watches one metric, evaluated each minute, and tells a
              webhook when it crosses its limit and when it is back.
            </div>
          )}
          <Rules query={rules} />
        </section>
        <Channels />
      </div>
    </PageFrame>
  )
}
