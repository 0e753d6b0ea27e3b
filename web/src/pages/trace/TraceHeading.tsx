import type { TraceUsual } from '@sightline/server/contract'
import { IconCheck, IconLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { neighboursQuery, type ListView } from '../../api/trace-queries.ts'
import { countText } from '../../lib/format.ts'
import { usePageKeys } from '../../lib/page-keys.ts'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { NO_PART_SHOWN } from './use-trace-search.ts'
import type { Verdict } from './trace-facts.ts'

export function Crumb({ name }: { name: string }) {
  return (
    <span className="crumb">
      <Link to="/traces" className="t3">
        Traces
      </Link>
      <span className="t3">/</span>
      <h1 title={name}>{name}</h1>
    </span>
  )
}

export function VerdictBadge({ verdict: { tone, text } }: { verdict: Verdict }) {
  return (
    <span className={`badge ${tone}`} data-testid="trace-status">
      <StatusIcon shape={tone === 'crit' ? 'error' : tone} size={13} />
      {text}
    </span>
  )
}

/** Steps through the list that the trace was opened from. */
export function Neighbours({ traceId, list }: { traceId: string; list: ListView }) {
  const { data } = useQuery(neighboursQuery(traceId, list))
  const navigate = useNavigate()
  const { previous = null, next = null, position = null, total = null } = data ?? {}
  const goTo = (other: string | null): void => {
    if (other === null) return
    void navigate({
      to: '/traces/$traceId',
      params: { traceId: other },
      search: (before) => ({ ...before, ...NO_PART_SHOWN }),
    })
  }
  usePageKeys('Trace', [
    { keys: '[', label: 'Previous trace of the list', run: () => goTo(previous) },
    { keys: ']', label: 'Next trace of the list', run: () => goTo(next) },
  ])
  if (previous === null && next === null) return null
  return (
    <span className="neighbours">
      {position !== null && total !== null && (
        <span className="num t3" data-testid="position">
          {countText(position)} of {countText(total)}
        </span>
      )}
      <StepButton mark="[" label="Previous trace" other={previous} onGo={goTo} />
      <StepButton mark="]" label="Next trace" other={next} onGo={goTo} />
    </span>
  )
}

type StepButtonProps = {
  mark: string
  label: string
  other: string | null
  onGo: (other: string | null) => void
}

function StepButton({ mark, label, other, onGo }: StepButtonProps) {
  return (
    <button
      type="button"
      className="step"
      aria-label={label}
      title={`${label} (${mark})`}
      disabled={other === null}
      onClick={() => onGo(other)}
    >
      <kbd className="kbd">{mark}</kbd>
    </button>
  )
}

type TwinButtonProps = {
  usual: TraceUsual | undefined
  isOn: boolean
  onTwin: (id: string | null) => void
}

export function TwinButton({ usual, isOn, onTwin }: TwinButtonProps) {
  if (isOn) {
    return (
      <button type="button" className="btn" onClick={() => onTwin(null)}>
        End comparison <kbd className="kbd">Esc</kbd>
      </button>
    )
  }
  const twin = usual?.fastTwin ?? null
  return (
    <button
      type="button"
      className="btn"
      disabled={twin === null}
      title={twin?.reason ?? noTwinText(usual)}
      onClick={() => onTwin(twin?.traceId ?? null)}
    >
      Compare with a fast one
    </button>
  )
}

function noTwinText(usual: TraceUsual | undefined): string {
  if (usual === undefined) return 'Looking for one'
  return `No other trace of ${usual.name} succeeded in the median time or less`
}

/** Copies an address; says so for two seconds. */
export function CopyLinkButton() {
  const [isCopied, setCopied] = useState(false)
  const onCopy = async (): Promise<void> => {
    await navigator.clipboard.writeText(location.href)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <button
      type="button"
      className="btn copy-trace"
      aria-label={isCopied ? 'Copied' : 'Copy link'}
      onClick={() => void onCopy()}
    >
      {isCopied ? (
        <IconCheck size={14} aria-hidden="true" />
      ) : (
        <IconLink size={14} aria-hidden="true" />
      )}
      <span>{isCopied ? 'Copied' : 'Copy link'}</span>
    </button>
  )
}
