import { lazy } from 'react'
import { useConnection } from '../live/use-connection.ts'
import { usePageKeys } from '../lib/page-keys.ts'
import { serverNow } from '../lib/server-time.ts'
import { DEFAULT_RANGE } from '../lib/url-state.ts'
import { ComparePicker } from '../ui/ComparePicker.tsx'
import { FilterBar } from '../ui/FilterBar.tsx'
import { RangePicker } from '../ui/RangePicker.tsx'
import { CopyLink } from './CopyLink.tsx'
import { useView } from './use-view.ts'
import { useViewActions } from './use-view-actions.ts'

export const loadFilterForm = () =>
  import('./FilterForm.tsx').then((part) => ({ default: part.FilterForm }))
const FilterForm = lazy(loadFilterForm)

type ViewControlsProps = { withFilters: boolean; withCompare: boolean }

export function ViewControls({ withFilters, withCompare }: ViewControlsProps) {
  const { view, window: range, zone, filters } = useView()
  const actions = useViewActions()
  const { status } = useConnection()
  const isRolling = range.status === 'rolling'
  const isLive = isRolling && status === 'live'
  usePageKeys('View', [
    { keys: 'T', label: 'Choose the range', run: () => press('range-picker') },
    { keys: ',', label: 'Earlier', run: () => actions.shift(-1) },
    { keys: '.', label: 'Later', run: () => actions.shift(1) },
    { keys: '-', label: 'Wider', run: () => actions.zoom(2) },
    { keys: '=', label: 'Closer', run: () => actions.zoom(0.5) },
    { keys: '+', label: 'Closer', run: () => actions.zoom(0.5), isHidden: true },
    { keys: 'L', label: 'Live, or freeze the range', run: actions.toggleLive },
  ])
  usePageKeys(
    'View',
    [{ keys: 'F', label: 'Add a filter', run: () => press('add-filter') }],
    withFilters,
  )
  usePageKeys(
    'View',
    [{ keys: 'C', label: 'Compare with the next one', run: actions.cycleCompare }],
    withCompare,
  )
  return (
    <>
      {withFilters && (
        <FilterBar filters={filters} onFilters={actions.setFilters} form={FilterForm} />
      )}
      <span className="spacer" />
      {withCompare && (
        <ComparePicker
          compare={actions.compare}
          lengthMs={range.lengthMs}
          onCompare={actions.setCompare}
        />
      )}
      <div className="segmented">
        <button
          type="button"
          className={`btn ${isLive ? 'ok' : 't3'}`}
          aria-pressed={isRolling}
          data-testid="live-toggle"
          title={isRolling ? 'Freeze this range (L)' : 'Back to live (L)'}
          onClick={actions.toggleLive}
        >
          <span className={isLive ? 'dot pulse' : 'dot'} />
          {isRolling ? 'Live' : 'Frozen'}
        </button>
        <RangePicker
          t={view.t ?? DEFAULT_RANGE}
          fixed={isRolling ? null : range}
          zone={zone}
          now={serverNow}
          onRange={actions.setRange}
          onShift={actions.shift}
          onZoom={actions.zoom}
          onZone={actions.setZone}
        />
      </div>
      <CopyLink />
    </>
  )
}

function press(testId: string): void {
  document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.click()
}
