import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useState } from 'react'
import { formatFixed } from '../../lib/format.ts'
import type { Window } from '../../lib/window.ts'
import type { Zone } from '../../lib/zone.ts'
import { isTyping } from '../../lib/typing.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { SegmentLegend } from '../../ui/Segments.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { TraceTable } from '../../ui/TraceTable.tsx'
import { useTail } from './use-tail.ts'

type LiveTracesProps = { window: Window; filters: readonly string[]; zone: Zone }

const ROWS = 10

export function LiveTraces({ window: range, filters, zone }: LiveTracesProps) {
  const [isHeld, setHeld] = useState(false)
  const [isPausedByUser, setPausedByUser] = useState(false)
  const isPaused = isHeld || isPausedByUser
  const { tail, sampled, isPending, error, release, retry } = useTail(range, filters, isPaused)
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
  return (
    <section className="card c8" aria-label="Live traces" data-testid="live-traces">
      <div className="hd">
        <h2>{isRolling ? 'Live traces' : 'Traces'}</h2>
        {isRolling && sampled < 1 && (
          <span className="u num">{formatFixed(sampled * 100, 0)}% shown, all errors kept</span>
        )}
        <div className="r">
          {tail.waiting.length > 0 && (
            <button type="button" className="pill num" data-testid="new-pill" onClick={release}>
              ↑ {tail.waiting.length} new{isHeld ? ', paused on hover' : ', paused'}
            </button>
          )}
          {isRolling && (
            <button
              type="button"
              className="btn ghost small"
              aria-pressed={isPausedByUser}
              aria-label={isPausedByUser ? 'Resume live traces' : 'Pause live traces'}
              onClick={onPauseToggled}
            >
              {isPausedByUser ? (
                <IconPlayerPlay size={14} aria-hidden="true" />
              ) : (
                <IconPlayerPause size={14} aria-hidden="true" />
              )}
              <kbd className="kbd">Space</kbd>
            </button>
          )}
        </div>
      </div>
      <div onPointerEnter={() => setHeld(true)} onPointerLeave={onLeave}>
        {isPending && (
          <div className="rows-pending">
            <Skeleton height={220} />
          </div>
        )}
        {error !== null && tail.shown.length === 0 && (
          <ErrorState
            what="Traces could not be loaded"
            failure={failureOf(error)}
            onRetry={retry}
          />
        )}
        {!isPending && error === null && tail.shown.length === 0 && (
          <div className="empty">
            <b>No trace {filters.length > 0 ? 'matches these filters' : 'in this range'}.</b>New
            ones appear here as they come.
          </div>
        )}
        {tail.shown.length > 0 && <TraceTable traces={tail.shown.slice(0, ROWS)} zone={zone} />}
      </div>
      <SegmentLegend />
    </section>
  )
}

function useSpaceKey(onSpace: () => void): void {
  const run = useEffectEvent(onSpace)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const target = event.target
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
