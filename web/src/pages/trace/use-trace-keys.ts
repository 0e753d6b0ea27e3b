import { usePageKeys } from '../../lib/page-keys.ts'
import { foldTarget } from './tree-keys.ts'
import type { FoldedTree } from './use-folds.ts'
import type { Selection } from './use-selection.ts'

type TraceKeys = {
  folds: FoldedTree
  selection: Selection
  onPath: () => void
  onNextError: () => void
  onFind: () => void
  onEscape: () => void
}

/** Keys of the page wherever the focus is; the tree has its own beside them. */
export function useTraceKeys({ folds, selection, ...on }: TraceKeys): void {
  const fold = (wantsFolded: boolean): void => {
    const index = folds.rows.findIndex(({ key }) => key === selection.activeKey)
    const row = folds.rows[index]
    if (row === undefined) return
    const target = foldTarget(wantsFolded, folds.rows, index)
    if (target === 'fold') folds.onFold(row.key)
  }
  const copyLink = (): void => {
    const link = new URL(location.href)
    const { selected } = selection
    if (selected !== undefined) link.searchParams.set('span', selected.span.spanId)
    void navigator.clipboard.writeText(link.href)
  }
  usePageKeys('Trace', [
    { keys: 'j', label: 'Next span', run: () => selection.onStep(1) },
    { keys: 'k', label: 'Previous span', run: () => selection.onStep(-1) },
    { keys: 'ArrowLeft', label: 'Fold the span', run: () => fold(true) },
    { keys: 'ArrowRight', label: 'Unfold the span', run: () => fold(false) },
    { keys: 'e', label: 'Next error', run: on.onNextError },
    { keys: 'p', label: 'Critical path only', run: on.onPath },
    { keys: '/', label: 'Find in the spans', run: on.onFind },
    { keys: 'y', label: 'Copy a link to the span', run: copyLink },
    { keys: 'Escape', label: 'Clear the search, the path, the zoom', run: on.onEscape },
  ])
}
