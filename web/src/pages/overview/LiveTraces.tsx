import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useState } from 'react'
import { formatFixed } from '../../lib/format.ts'
import { isTyping } from '../../lib/typing.ts'
import type { Window } from '../../lib/window.ts'
import type { Zone } from '../../lib/zone.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { SegmentLegend } from '../../ui/Segments.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { TraceTable } from '../../ui/TraceTable.tsx'
import { useTail, type TailState } from './use-tail.ts'

type LiveTracesProps = { window: Window; filters: readonly string[]; zone: Zone }

const ROWS = 10

export function LiveTraces({ window: range, filters, zone }: LiveTracesProps) {
  const [isHeld, setHeld] = useState(false)
  const [isPausedByUser, setPausedByUser] = useState(false)
  const state = useTail(range, filters, isHeld || isPausedByUser)
  const { release } = state
  const isRolling = range.status === 'rolling'
  const onPauseToggled = (): void => {
    if (isPausedByUser) release()
    setPausedByUser(!isPausedByUser)
  }
  useSpaceKey(onPauseToggled)
  const onLeave = (): void => {
    setHeld(false)
    if (!isPausedByUser) release()
  }
  const waiting = state.tail.waiting.length
  return (
    <section className="card c8" aria-label="Live traces" data-testid="live-traces">
      <div className="hd">
        <h2>{isRolling ? 'Live traces' : 'Traces'}</h2>
        {isRolling && <Sampled share={state.sampled} />}
        <div className="r">
          {waiting > 0 && (
            <button type="button" className="pill num" data-testid="new-pill" onClick={release}>
              ↑ {waiting} new, {isHeld ? 'paused on hover' : 'paused'}
            </button>
          )}
          {isRolling && <PauseButton isPaused={isPausedByUser} onToggle={onPauseToggled} />}
        </div>
      </div>
      <div onPointerEnter={() => setHeld(true)} onPointerLeave={onLeave}>
        <TailBody state={state} zone={zone} isFiltered={filters.length > 0} />
      </div>
      <SegmentLegend />
    </section>
  )
}

type TailBodyProps = { state: TailState; zone: Zone; isFiltered: boolean }

function TailBody({ state, zone, isFiltered }: TailBodyProps) {
  const { tail, error, isPending, retry } = state
  if (tail.shown.length > 0) return <TraceTable traces={tail.shown.slice(0, ROWS)} zone={zone} />
  if (isPending)
    return (
      <div className="rows-pending">
        <Skeleton height={220} />
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

function Sampled({ share }: { share: number }) {
  if (share >= 1) return null
  return <span className="u num">{formatFixed(share * 100, 0)}% shown, all errors kept</span>
}

function PauseButton({ isPaused, onToggle }: { isPaused: boolean; onToggle: () => void }) {
  const Icon = isPaused ? IconPlayerPlay : IconPlayerPause
  return (
    <button
      type="button"
      className="btn ghost small"
      aria-pressed={isPaused}
      data-testid="pause-tail"
      aria-label={isPaused ? 'Resume live traces' : 'Pause live traces'}
      onClick={onToggle}
    >
      <Icon size={14} aria-hidden="true" />
      <kbd className="kbd">Space</kbd>
    </button>
  )
}

function useSpaceKey(onSpace: () => void): void {
  const run = useEffectEvent(onSpace)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const { target } = event
      const isControl =
        target instanceof HTMLElement && target.closest('button, a, [role="button"]') !== null
      if (event.key !== ' ' || isTyping(target) || isControl) return
      event.preventDefault()
      run()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}
