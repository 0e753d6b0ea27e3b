import type { WaterfallRow } from './visible-rows.ts'

const PAGE_ROWS = 15

/** What a key does in the tree: go to a row, fold or open this one, select it; undefined = nothing. */
export function treeKeyTarget(
  key: string,
  rows: readonly WaterfallRow[],
  index: number,
): number | 'fold' | 'select' | undefined {
  const last = rows.length - 1
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, index + 1)
    case 'ArrowUp':
      return Math.max(0, index - 1)
    case 'PageDown':
      return Math.min(last, index + PAGE_ROWS)
    case 'PageUp':
      return Math.max(0, index - PAGE_ROWS)
    case 'Home':
      return 0
    case 'End':
      return last
    case 'Enter':
    case ' ':
      return 'select'
    case 'ArrowRight':
    case 'ArrowLeft':
      return foldTarget(key === 'ArrowLeft', rows, index)
    default:
      return undefined
  }
}

/** ← folds, or goes up where there is nothing to fold; → opens, or goes down into what is open. */
export function foldTarget(
  wantsFolded: boolean,
  rows: readonly WaterfallRow[],
  index: number,
): number | 'fold' {
  const row = rows[index]
  if (row === undefined) return index
  const isFoldable = row.kind === 'group' || row.node.children.length > 0
  if (isFoldable && row.isFolded !== wantsFolded) return 'fold'
  if (!wantsFolded) return isFoldable ? Math.min(rows.length - 1, index + 1) : index
  const parent = row.kind === 'span' ? row.node.parent : null
  const above = rows.findLastIndex(
    (one, at) => at < index && one.kind === 'span' && one.node === parent,
  )
  return above < 0 ? index : above
}
