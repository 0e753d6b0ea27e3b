import type { TraceSummary } from '@sightline/server/contract'
import { useState, type RefObject } from 'react'
import { usePageKeys } from '../../lib/page-keys.ts'
import type { VirtualTableHandle } from '../../ui/virtual-column.ts'
import type { TracesActions } from './use-traces-actions.ts'

type TracesKeys = {
  list: { hasNextPage: boolean; isFetching: boolean; fetchNextPage: () => Promise<unknown> }
  traces: readonly TraceSummary[]
  activeId: string | null
  marked: readonly string[]
  table: RefObject<VirtualTableHandle | null>
  actions: TracesActions
  onActive: (traceId: string) => void
  onMarked: (marked: readonly string[]) => void
  onCompare: () => void
}

/** Through the list and into its traces without a pointer; `notice` says why a key did nothing. */
export function useTracesKeys(input: TracesKeys): { notice: string | null } {
  const { list, traces, activeId, marked, table, actions, onMarked } = input
  const { peek } = actions.search
  const [notice, setNotice] = useState<string | null>(null)
  const at = traces.findIndex(({ traceId }) => traceId === activeId)

  const moveTo = (index: number): void => {
    const trace = traces[Math.max(0, Math.min(traces.length - 1, index))]
    if (trace === undefined) return
    setNotice(null)
    input.onActive(trace.traceId)
    table.current?.scrollTo(traces.indexOf(trace))
    table.current?.focus()
    if (peek !== undefined) actions.onPeek(trace.traceId)
  }
  const withActive = (run: (traceId: string) => void) => (): void => {
    const trace = traces[at]
    if (traces.length === 0) return
    if (trace === undefined) setNotice('Choose a trace with J and K first')
    else run(trace.traceId)
  }
  const toNextError = (): void => {
    const next = traces.findIndex(({ status }, index) => index > at && status === 'error')
    if (next >= 0) return moveTo(next)
    setNotice(`No error below, among the ${traces.length} loaded`)
    if (list.hasNextPage && !list.isFetching) void list.fetchNextPage()
  }
  const compare = (): void => {
    if (marked.length < 1) setNotice('Select two traces with X to compare them')
    else input.onCompare()
  }

  usePageKeys('Traces', [
    { keys: '/', label: 'Write a filter', run: focusQuery },
    { keys: 'F', label: 'Write a filter', run: focusQuery, isHidden: true },
    { keys: 'J', label: 'Next trace', run: () => moveTo(at + 1) },
    { keys: 'K', label: 'Previous trace', run: () => moveTo(at - 1) },
    { keys: 'Enter', label: 'Open the trace', run: withActive((id) => actions.onOpen(id)) },
    {
      keys: 'Space',
      label: 'Look at the trace beside the list',
      run: withActive((id) => actions.onPeek(peek === id ? undefined : id)),
    },
    { keys: 'E', label: 'Next trace with an error', run: toNextError },
    {
      keys: 'X',
      label: 'Select the trace',
      run: withActive((id) => onMarked(toggled(marked, id))),
    },
    { keys: 'Shift+X', label: 'Compare the two selected', run: compare },
    { keys: 'Escape', label: 'Close', run: () => actions.onPeek(undefined), isHidden: true },
  ])
  return { notice }
}

/** Two can be compared; a third takes the place of the first. */
function toggled(marked: readonly string[], traceId: string): readonly string[] {
  if (marked.includes(traceId)) return marked.filter((one) => one !== traceId)
  return [...marked, traceId].slice(-2)
}

function focusQuery(): void {
  document.querySelector<HTMLInputElement>('[data-testid="query-input"]')?.focus()
}
