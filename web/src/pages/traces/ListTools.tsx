import { Checkbox, Popover } from '@mantine/core'
import type { TraceSummary } from '@sightline/server/contract'
import { IconColumns3, IconDownload, IconGitCompare, IconLayoutRows } from '@tabler/icons-react'
import { useState } from 'react'
import { saveFile, fileName } from '../../charts/save-file.ts'
import { countText } from '../../lib/format.ts'
import type { TracesSearch, TraceSort } from '../../lib/page-search.ts'
import type { Zone } from '../../lib/zone.ts'
import { colsParam, COLUMN_SPECS, shownColumns, type ColumnId } from './trace-columns.tsx'
import { tracesCsv } from './traces-csv.ts'

type ListToolsProps = {
  search: TracesSearch
  traces: readonly TraceSummary[]
  zone: Zone
  marked: readonly string[]
  news: { count: number; isExact: boolean }
  isFetching: boolean
  onSearch: (change: Partial<TracesSearch>) => void
  onRenew: () => void
  onCompare: () => void
  onClearMarks: () => void
}

const SORT_TITLES: Record<TraceSort, string> = {
  '-startTime': 'Newest first',
  startTime: 'Oldest first',
  '-durationMs': 'Slowest first',
  '-cost': 'Most expensive first',
  '-tokens': 'Most tokens first',
}

export function ListTools(props: ListToolsProps) {
  const { search, traces, zone, marked, news, isFetching, onSearch, onRenew } = props
  const isStandard = search.rows === 'standard'
  return (
    <div className="hd list-tools">
      <h2>{SORT_TITLES[search.sort ?? '-startTime']}</h2>
      <span className="u num" data-testid="loaded-count">
        {countText(traces.length)} loaded
      </span>
      {marked.length > 0 && (
        <span className="chip" data-testid="marked">
          <b>{marked.length}</b> selected
          <button type="button" className="link" onClick={props.onClearMarks}>
            clear
          </button>
        </span>
      )}
      {marked.length === 2 && (
        <button type="button" className="btn small" data-testid="compare" onClick={props.onCompare}>
          <IconGitCompare size={14} aria-hidden="true" />
          Compare<kbd className="kbd">⇧X</kbd>
        </button>
      )}
      <div className="r">
        {news.count > 0 && (
          <button type="button" className="pill num" data-testid="new-pill" onClick={onRenew}>
            ↑ {countText(news.count)}
            {news.isExact ? '' : '+'} new
          </button>
        )}
        <button
          type="button"
          className="btn ghost small"
          onClick={onRenew}
          disabled={isFetching}
          data-testid="load-again"
        >
          Load again
        </button>
        <ColumnMenu search={search} onSearch={onSearch} />
        <button
          type="button"
          className="btn ghost small"
          aria-pressed={isStandard}
          aria-label="Two-line rows"
          title="Two-line rows"
          onClick={() => onSearch({ rows: isStandard ? undefined : 'standard' })}
        >
          <IconLayoutRows size={15} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="btn ghost small"
          aria-label={`Download the ${traces.length} loaded traces as CSV`}
          title="Loaded traces as CSV"
          data-testid="download-csv"
          disabled={traces.length === 0}
          onClick={() =>
            saveFile(
              fileName('traces', 'csv'),
              new Blob([tracesCsv(traces, zone)], { type: 'text/csv;charset=utf-8' }),
            )
          }
        >
          <IconDownload size={15} aria-hidden="true" />
        </button>
      </div>
    </div>
  )
}

function ColumnMenu({ search, onSearch }: Pick<ListToolsProps, 'search' | 'onSearch'>) {
  const [isOpen, setOpen] = useState(false)
  const shown = shownColumns(search.cols)
  const toggle = (id: ColumnId): void => {
    const wanted = COLUMN_SPECS.map((spec) => spec.id).filter((one) =>
      one === id ? !shown.includes(one) : shown.includes(one),
    )
    onSearch({ cols: colsParam(wanted) })
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end">
      <Popover.Target>
        <button
          type="button"
          className="btn ghost small"
          aria-label="Columns"
          title="Columns"
          data-testid="columns"
          onClick={() => setOpen(!isOpen)}
        >
          <IconColumns3 size={15} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="popover column-menu" aria-label="Columns">
        {COLUMN_SPECS.map(({ id, title }) => (
          <Checkbox
            key={id}
            size="xs"
            label={title}
            checked={shown.includes(id)}
            // The name is the way into a trace.
            disabled={id === 'trace'}
            onChange={() => toggle(id)}
          />
        ))}
      </Popover.Dropdown>
    </Popover>
  )
}
