import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useConnection } from '../live/use-connection.ts'
import { formatFixed } from '../lib/format.ts'
import { serverNow } from '../lib/server-time.ts'
import { clockText, type Zone } from '../lib/zone.ts'
import { useShell } from './shell-context.ts'
import { useView } from './use-view.ts'

export type PageStatus = {
  storedThrough?: number | undefined
  /** Short facts of the page, such as `bucket 1 min`. */
  facts?: readonly { label: string; value: string; after?: string }[]
  /** What the page says of itself in words. */
  note?: string
  /** Keys of the page that are worth a place here; all are in the list of shortcuts. */
  keys?: readonly { keys: readonly string[]; label: string }[]
}
type StatusBarProps = PageStatus & { withRange?: boolean; withCompare?: boolean }

/** A connection that is away this long makes the page stale. */
const STALE_AFTER_MS = 5_000

export function StatusBar(props: StatusBarProps) {
  const { storedThrough, facts = [], note, keys = [], withRange, withCompare } = props
  const { zone, window: range } = useView()
  const { openHelp } = useShell()
  const state = useLiveState()
  const isFrozen = withRange === true && range.status === 'fixed'
  return (
    <footer
      className={state.status === 'lost' ? 'foot stale' : 'foot'}
      data-testid="status-bar"
      data-state={state.status}
    >
      <span className={`live-state ${state.className}`} role="status" data-testid="live-state">
        <span className={state.status === 'live' && !isFrozen ? 'dot pulse' : 'dot'} />
        {state.status === 'live' && isFrozen ? 'Connected' : state.text}
      </span>
      <LastNews storedThrough={storedThrough} state={state} zone={zone} isFrozen={isFrozen} />
      {facts.map(({ label, value, after }) => (
        <span key={label} className="fact-item">
          {label} <b>{value}</b>
          {after === undefined ? '' : ` ${after}`}
        </span>
      ))}
      <span className="spacer" />
      {note !== undefined && (
        <span className="foot-note num" data-testid="page-note">
          {note}
        </span>
      )}
      <span data-testid="zone">{zone.name}</span>
      <span className="keys" aria-hidden="true">
        {[
          ...keys,
          ...(withRange === true ? RANGE_KEYS : []),
          ...(withCompare === true ? COMPARE_KEYS : []),
        ].map(({ keys: pressed, label }) => (
          <span key={label}>
            {pressed.map((key) => (
              <kbd className="kbd" key={key}>
                <KeyText text={key} />
              </kbd>
            ))}
            {label}
          </span>
        ))}
      </span>
      <button type="button" className="help-button" onClick={openHelp}>
        <kbd className="kbd">?</kbd>all shortcuts
      </button>
    </footer>
  )
}

const RANGE_KEYS = [
  { keys: ['T'], label: 'time' },
  { keys: ['L'], label: 'live' },
]
const COMPARE_KEYS = [{ keys: ['C'], label: 'compare' }]

type LastNewsProps = {
  storedThrough: number | undefined
  state: LiveState
  zone: Zone
  isFrozen: boolean
}

function LastNews({ storedThrough, state, zone, isFrozen }: LastNewsProps) {
  if (storedThrough === undefined) {
    if (state.status !== 'lost' || state.lostAt === null) return null
    return (
      <span>
        last heard <b>{clockText(state.lostAt, zone, true)}</b>
      </span>
    )
  }
  return (
    <>
      <span data-testid="stored-through" data-stored-through={storedThrough}>
        {state.status === 'lost' ? 'last update' : 'through'}{' '}
        <b>{clockText(storedThrough, zone, true)}</b>
      </span>
      {!isFrozen && state.status === 'live' && <Behind storedThrough={storedThrough} />}
    </>
  )
}

/** The bundled font has no arrows. */
function KeyText({ text }: { text: string }) {
  if (text === '←') return <IconArrowLeft size={11} />
  if (text === '→') return <IconArrowRight size={11} />
  return text
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

type LiveState = {
  status: 'live' | 'connecting' | 'lost'
  text: string
  className: string
  lostAt: number | null
}

function useLiveState(): LiveState {
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
  if (status === 'live') return { status, text: 'Live', className: 'ok', lostAt }
  if (lostAt !== null && isStale)
    return { status: 'lost', text: 'Connection lost, trying again', className: 'warn', lostAt }
  return { status: 'connecting', text: 'Connecting', className: 't3', lostAt }
}
