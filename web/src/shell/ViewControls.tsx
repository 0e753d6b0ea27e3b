import { useState } from 'react'
import { IconCheck, IconLink } from '@tabler/icons-react'
import { useConnection } from '../live/use-connection.ts'
import { toggledLive } from '../lib/live-range.ts'
import { serverNow } from '../lib/server-time.ts'
import { DEFAULT_RANGE, stringifySearch, withoutFilter } from '../lib/url-state.ts'
import { FilterBar } from '../ui/FilterBar.tsx'
import { RangePicker } from '../ui/RangePicker.tsx'
import { useView } from './use-view.ts'

export function ViewControls() {
  const { view, window: range, zone, filters, setView } = useView()
  const { status } = useConnection()
  const isRolling = range.status === 'rolling'
  const isLive = isRolling && status === 'live'
  return (
    <>
      <FilterBar
        filters={filters}
        onAdd={(raw) => setView({ ...view, f: [...new Set([...filters, raw])] })}
        onRemove={(raw) => setView(withoutFilter(view, raw))}
      />
      <span className="spacer" />
      <div className="segmented">
        <button
          type="button"
          className={`btn ${isLive ? 'ok' : 't3'}`}
          aria-pressed={isRolling}
          data-testid="live-toggle"
          title={isRolling ? 'Freeze this range (L)' : 'Back to live (L)'}
          onClick={() => setView(toggledLive(view, range, serverNow()))}
        >
          <span className={isLive ? 'dot pulse' : 'dot'} />
          {isRolling ? 'Live' : 'Frozen'}
        </button>
        <RangePicker
          t={view.t ?? DEFAULT_RANGE}
          fixed={isRolling ? null : range}
          zone={zone}
          onRange={(t) =>
            setView({
              ...view,
              t: t === DEFAULT_RANGE ? undefined : t,
              from: undefined,
              to: undefined,
            })
          }
          onToggleZone={() => setView({ ...view, tz: view.tz === 'utc' ? undefined : 'utc' })}
        />
      </div>
      <CopyLink />
    </>
  )
}

/** A copied link shows what is seen now: a rolling range is frozen in it. */
function CopyLink() {
  const { view, window: range } = useView()
  const [isCopied, setCopied] = useState(false)
  const onCopy = async (): Promise<void> => {
    const frozen = range.status === 'fixed' ? view : toggledLive(view, range, serverNow())
    const url = `${location.origin}${location.pathname}${stringifySearch(frozen)}`
    await navigator.clipboard.writeText(url)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <button
      type="button"
      className="btn ghost copy-link"
      aria-label={isCopied ? 'Link copied' : 'Copy a link to this exact view'}
      title="Copy a link to this exact view"
      onClick={() => void onCopy()}
    >
      {isCopied ? (
        <IconCheck size={16} aria-hidden="true" />
      ) : (
        <IconLink size={16} aria-hidden="true" />
      )}
    </button>
  )
}
