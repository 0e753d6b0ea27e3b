import { useMemo, useState } from 'react'
import {
  autoDepthOf,
  GROUP_KEY,
  isFoldedIn,
  unfoldedTo,
  visibleRows,
  type Folds,
  type WaterfallRow,
} from './visible-rows.ts'
import type { TraceModel, TraceNode } from './trace-node.ts'

export type FoldedTree = {
  rows: WaterfallRow[]
  /** Depth below which a large trace was folded by itself; null = it was not. */
  foldedBelow: number | null
  onFold: (key: string) => void
  onUnfoldAll: () => void
  reveal: (node: TraceNode) => void
}

/** The rows of a trace, and what is folded of it. */
export function useFolds(model: TraceModel, isPathOnly: boolean): FoldedTree {
  const [byHand, setByHand] = useState<ReadonlyMap<string, boolean>>(new Map())
  const [isAllOpen, setAllOpen] = useState(false)
  const folds = useMemo<Folds>(
    () => ({ byHand, autoDepth: isAllOpen ? Infinity : autoDepthOf(model) }),
    [byHand, isAllOpen, model],
  )
  const rows = useMemo(
    () => visibleRows(model, folds, isPathOnly ? ({ path }) => path.length > 0 : undefined),
    [model, folds, isPathOnly],
  )
  const onFold = (key: string): void => {
    const node = model.byId.get(key)
    if (key !== GROUP_KEY && node === undefined) return
    const isFolded = node === undefined ? (byHand.get(key) ?? false) : isFoldedIn(node, folds)
    setByHand(new Map(byHand).set(key, !isFolded))
  }
  return {
    rows,
    foldedBelow: Number.isFinite(folds.autoDepth) ? folds.autoDepth : null,
    onFold,
    onUnfoldAll: () => {
      setByHand(new Map())
      setAllOpen(true)
    },
    reveal: (node) => setByHand(unfoldedTo(node, byHand)),
  }
}
