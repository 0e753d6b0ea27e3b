import { IconSearch } from '@tabler/icons-react'
import type { KeyboardEvent, Ref } from 'react'
import { countText } from '../../lib/format.ts'
import { TRACE_VIEWS } from '../../lib/page-search.ts'

export type TraceView = (typeof TRACE_VIEWS)[number]

type ToolbarProps = {
  view: TraceView
  spanCount: number
  find: string
  findRef: Ref<HTMLInputElement>
  foundCount: number
  /** Which of the found spans is selected, from 1; 0 = none. */
  foundPosition: number
  isPathOnly: boolean
  errorCount: number
  onView: (view: TraceView) => void
  onFind: (text: string) => void
  onFound: (step: 1 | -1) => void
  onPath: () => void
  onNextError: () => void
}

export function Toolbar({ findRef, ...props }: ToolbarProps) {
  const { view, spanCount, find, foundCount, foundPosition, isPathOnly, errorCount } = props
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') props.onFound(event.shiftKey ? -1 : 1)
    if (event.key !== 'Escape') return
    props.onFind('')
    event.currentTarget.blur()
    event.preventDefault()
  }
  return (
    <div className="tools">
      <div className="segmented" role="group" aria-label="View">
        {TRACE_VIEWS.map((one) => (
          <button
            key={one}
            type="button"
            className="btn"
            aria-pressed={one === view}
            onClick={() => props.onView(one)}
          >
            {one[0]?.toUpperCase()}
            {one.slice(1)}
          </button>
        ))}
      </div>
      <label className="find">
        <IconSearch size={14} aria-hidden="true" />
        <input
          ref={findRef}
          type="search"
          value={find}
          aria-label={`Find in ${countText(spanCount)} spans`}
          placeholder={`Find in ${countText(spanCount)} spans`}
          onChange={(event) => props.onFind(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {find === '' ? (
          <kbd className="kbd">/</kbd>
        ) : (
          <span className="num t3" role="status" data-testid="found">
            {foundCount === 0 ? 'none' : `${foundPosition || '–'} of ${countText(foundCount)}`}
          </span>
        )}
      </label>
      {view === 'waterfall' && (
        <button
          type="button"
          className="btn ghost"
          aria-pressed={isPathOnly}
          title="Show only the spans that the duration is made of"
          onClick={props.onPath}
        >
          Critical path <kbd className="kbd">P</kbd>
        </button>
      )}
      <button
        type="button"
        className="btn ghost"
        disabled={errorCount === 0}
        title={errorCount === 0 ? 'No span failed' : `${countText(errorCount)} failed`}
        onClick={props.onNextError}
      >
        Next error <kbd className="kbd">E</kbd>
      </button>
    </div>
  )
}
