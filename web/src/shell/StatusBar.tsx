import { useEffect, useState } from 'react'
import { useConnection } from '../live/use-connection.ts'
import { formatFixed } from '../lib/format.ts'
import { serverNow } from '../lib/server-time.ts'
import { clockText } from '../lib/zone.ts'
import { useShell } from './shell-context.ts'
import { useView } from './use-view.ts'

export type PageStatus = {
  storedThrough?: number | undefined
  /** Short facts of the page, such as `bucket 1 min`. */
  facts?: readonly { label: string; value: string; after?: string }[]
}

/** A connection that is away this long makes the page stale. */
const STALE_AFTER_MS = 5_000

export function StatusBar({ storedThrough, facts = [] }: PageStatus) {
  const { zone, window: range } = useView()
  const { openHelp } = useShell()
  const state = useLiveState()
  const isFrozen = range.status === 'fixed'
  return (
    <footer className="foot" data-testid="status-bar">
      <span className={`live-state ${state.className}`} role="status" data-testid="live-state">
        <span className={state.status === 'live' && !isFrozen ? 'dot pulse' : 'dot'} />
        {state.status === 'live' && isFrozen ? 'Connected' : state.text}
      </span>
      {storedThrough !== undefined && (
        <span data-testid="stored-through" data-stored-through={storedThrough}>
          {state.status === 'lost' ? 'last update' : 'through'}{' '}
          <b>{clockText(storedThrough, zone, true)}</b>
        </span>
      )}
      {storedThrough !== undefined && !isFrozen && state.status === 'live' && (
        <Behind storedThrough={storedThrough} />
      )}
      {facts.map(({ label, value, after }) => (
        <span key={label} className="fact-item">
          {label} <b>{value}</b>
          {after === undefined ? '' : ` ${after}`}
        </span>
      ))}
      <span className="spacer" />
      <span data-testid="zone">{zone.name}</span>
      <span className="keys">
        <kbd className="kbd">T</kbd>range <kbd className="kbd">L</kbd>live{' '}
        <kbd className="kbd">Z</kbd>zone
      </span>
      <button type="button" className="help-button" onClick={openHelp}>
        <kbd className="kbd">?</kbd>all shortcuts
      </button>
    </footer>
  )
}

const TICK_MS = 500

/** How old the newest number on the page is; it grows when frames stop coming. */
function Behind({ storedThrough }: { storedThrough: number }) {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  const behindMs = Math.max(0, now - storedThrough)
  return (
    <span className="fact-item">
      behind <b data-testid="behind">{formatFixed(behindMs / 1_000, 1)} s</b>
    </span>
  )
}

function useLiveState(): {
  status: 'live' | 'connecting' | 'lost'
  text: string
  className: string
} {
  const { status, lostAt } = useConnection()
  const [isStale, setStale] = useState(false)
  useEffect(() => {
    if (lostAt === null) return undefined
    const timer = setTimeout(
      () => setStale(true),
      Math.max(0, lostAt + STALE_AFTER_MS - Date.now()),
    )
    return () => {
      clearTimeout(timer)
      setStale(false)
    }
  }, [lostAt])
  if (status === 'live') return { status, text: 'Live', className: 'ok' }
  if (lostAt !== null && isStale)
    return { status: 'lost', text: 'Connection lost, trying again', className: 'warn' }
  return { status: 'connecting', text: 'Connecting', className: 't3' }
}
