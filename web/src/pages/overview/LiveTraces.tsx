import type { TraceSummary } from '@sightline/server/contract'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useMemo, useState, type UIEvent } from 'react'
import { countText, durationText, formatFixed } from '../../lib/format.ts'
import { usePageKeys } from '../../lib/page-keys.ts'
import type { Window } from '../../lib/window.ts'
import type { Zone } from '../../lib/zone.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { SegmentLegend } from '../../ui/Segments.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { TraceTable } from '../../ui/TraceTable.tsx'
import { isSlow, usualDurations } from './slow.ts'
import { tailRate } from './tail-rate.ts'
import { useTail, type TailState } from './use-tail.ts'
import { PAUSE_TEXTS, useTailPause } from './use-tail-pause.ts'

type LiveTracesProps = {
  window: Window
  filters: readonly string[]
  zone: Zone
  scoreName: string | null
  /** The page's own time: what the rate of new traces is told for. */
  now: number
}

/** Rows drawn at first; more as the list is scrolled. */
const ROWS = 24
const MORE_ROWS = 50

export function LiveTraces(props: LiveTracesProps) {
  const { window: range, filters, zone, scoreName, now } = props
  const pause = useTailPause()
  const { reason, list } = pause
  const state = useTail(range, filters, reason !== null)
  const { tail, release } = state
  const [rows, setRows] = useState(ROWS)
  const isRolling = range.status === 'rolling'
  const isHeld = reason !== null
  const onFreed = useEffectEvent(release)
  useEffect(() => {
    if (!isHeld) onFreed()
  }, [isHeld])
  const onShowNew = (): void => {
    list?.scrollTo({ top: 0 })
    setRows(ROWS)
    release()
  }
  usePageKeys('Live traces', [
    { keys: 'Space', label: 'Pause and resume', run: () => pause.setByUser(!pause.isByUser) },
    { keys: 'j', label: 'Next trace', run: () => moveFocus(list, 1) },
    { keys: 'k', label: 'Previous trace', run: () => moveFocus(list, -1) },
  ])
  const leaving = [{ keys: 'Escape', label: 'Leave the list', run: () => leave(list) }]
  usePageKeys('Trace in the list', leaving, reason === 'focus')
  const onScroll = (event: UIEvent<HTMLElement>): void => {
    pause.handlers.onScroll(event)
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
    if (scrollTop === 0) setRows(ROWS)
    else if (scrollTop + 2 * clientHeight > scrollHeight) setRows(rows + MORE_ROWS)
  }
  const waiting = tail.waiting.length
  return (
    <section className="card c8" aria-label="Live traces" data-testid="live-traces">
      <div className="hd">
        <h2>{isRolling ? 'Live traces' : 'Traces'}</h2>
        {isRolling && <Rate state={state} now={now} />}
        <div className="r">
          {waiting > 0 && (
            <button type="button" className="pill num" data-testid="new-pill" onClick={onShowNew}>
              ↑ {countText(waiting)} new{reason !== null && `, ${PAUSE_TEXTS[reason]}`}
            </button>
          )}
          {isRolling && (
            <PauseButton
              isPaused={pause.isByUser}
              onToggle={() => pause.setByUser(!pause.isByUser)}
            />
          )}
        </div>
      </div>
      <div
        className="tail"
        data-testid="tail"
        data-paused={reason ?? undefined}
        {...pause.handlers}
        onScroll={onScroll}
      >
        <TailBody
          state={state}
          rows={rows}
          zone={zone}
          scoreName={scoreName}
          isFiltered={filters.length > 0}
        />
      </div>
      <div className="tail-foot">
        <SegmentLegend />
        <span className="tail-keys">
          <kbd className="kbd">J</kbd>
          <kbd className="kbd">K</kbd> move <kbd className="kbd">Enter</kbd> open
        </span>
      </div>
    </section>
  )
}

type TailBodyProps = {
  state: TailState
  rows: number
  zone: Zone
  scoreName: string | null
  isFiltered: boolean
}

function TailBody({ state, rows, zone, scoreName, isFiltered }: TailBodyProps) {
  const { tail, error, isPending, retry } = state
  const usual = useMemo(() => usualDurations(tail.shown), [tail.shown])
  if (tail.shown.length > 0) {
    const slowNoteOf = (trace: TraceSummary): string | null => {
      const known = usual.get(trace.name)
      if (known === undefined || !isSlow(trace, known)) return null
      const { medianMs, n } = known
      return `over twice ${durationText(medianMs)}, the median of ${n} listed here as ${trace.name}`
    }
    return (
      <TraceTable
        traces={tail.shown.slice(0, rows)}
        zone={zone}
        slowNoteOf={slowNoteOf}
        scoreName={scoreName}
      />
    )
  }
  if (isPending)
    return (
      <div className="rows-pending">
        <Skeleton height={250} />
      </div>
    )
  if (error !== null) {
    return (
      <ErrorState what="Traces could not be loaded" failure={failureOf(error)} onRetry={retry} />
    )
  }
  return (
    <div className="empty">
      <b>No trace {isFiltered ? 'matches these filters' : 'in this range'}.</b>
      New ones appear here as they come.
    </div>
  )
}

/** `38.2/s, 1 in 8 shown, all errors kept` */
function Rate({ state, now }: { state: TailState; now: number }) {
  const rate = tailRate(state.ticks, { since: state.since, now })
  if (rate === null) return null
  const { perSecond, oneIn, keepsErrors } = rate
  const isSampled = oneIn > 1.05
  return (
    <span
      className="u num"
      data-testid="tail-rate"
      title="new traces a second over the last 10 s; at most 10 a second are shown, failed ones first"
    >
      {formatFixed(perSecond, perSecond < 100 ? 1 : 0)}/s
      {isSampled && `, 1 in ${formatFixed(oneIn, oneIn < 10 && oneIn % 1 > 0.05 ? 1 : 0)} shown`}
      {isSampled && (keepsErrors ? ', all errors kept' : ', errors first')}
    </span>
  )
}

function PauseButton({ isPaused, onToggle }: { isPaused: boolean; onToggle: () => void }) {
  const Icon = isPaused ? IconPlayerPlay : IconPlayerPause
  return (
    <button type="button" className="btn ghost small" data-testid="pause-tail" onClick={onToggle}>
      <Icon size={14} aria-hidden="true" />
      <span className="sr-only">{isPaused ? 'Resume' : 'Pause'} live traces:</span>
      <kbd className="kbd">Space</kbd>
    </button>
  )
}

/** The focus is the selection: Enter opens the row's link by itself. */
function moveFocus(list: HTMLElement | null, by: 1 | -1): void {
  const links = [...(list?.querySelectorAll<HTMLElement>('[data-testid="trace-row"] a') ?? [])]
  const at = links.findIndex((link) => link === document.activeElement)
  links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus()
}

function leave(list: HTMLElement | null): void {
  const { activeElement } = document
  if (activeElement instanceof HTMLElement && list?.contains(activeElement) === true) {
    activeElement.blur()
  }
}
