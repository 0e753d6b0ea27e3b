import { useState } from 'react'
import { defaultNode } from './trace-facts.ts'
import type { TraceModel, TraceNode } from './trace-node.ts'
import type { FoldedTree } from './use-folds.ts'

type Options = {
  model: TraceModel
  folds: FoldedTree
  /** The span that the address names. */
  asked: string | undefined
  change: (next: { span: string | undefined }) => void
}

export type Selection = {
  selected: TraceNode | undefined
  activeKey: string | null
  scrollTo: { key: string } | null
  onActive: (key: string) => void
  onSelect: (key: string) => void
  /** Selects the next or previous row. */
  onStep: (step: 1 | -1) => void
  /** Selects the next of these spans after the selected one, around the end. */
  goTo: (nodes: readonly TraceNode[], step: 1 | -1) => void
}

/** Which span is selected (in the address) and which row the keyboard is on. */
export function useSelection({ model, folds, asked, change }: Options): Selection {
  const [active, setActive] = useState<string | null>(null)
  const [scrollTo, setScrollTo] = useState(asked === undefined ? null : { key: asked })
  const selected = (asked === undefined ? undefined : model.byId.get(asked)) ?? defaultNode(model)
  const activeKey = active ?? selected?.span.spanId ?? null
  const onSelect = (key: string): void => {
    setActive(key)
    if (model.byId.has(key)) change({ span: key })
    else folds.onFold(key)
  }
  const select = (node: TraceNode): void => {
    const key = node.span.spanId
    folds.reveal(node)
    setScrollTo({ key })
    onSelect(key)
  }
  return {
    selected,
    activeKey,
    scrollTo,
    onActive: setActive,
    onSelect,
    onStep: (step) => {
      const index = folds.rows.findIndex(({ key }) => key === activeKey)
      const row = folds.rows[Math.min(folds.rows.length - 1, Math.max(0, index + step))]
      if (row?.kind === 'span') select(row.node)
      else if (row !== undefined) setActive(row.key)
    },
    goTo: (nodes, step) => {
      const at = selected?.index ?? -1
      const next =
        step === 1
          ? (nodes.find(({ index }) => index > at) ?? nodes[0])
          : (nodes.findLast(({ index }) => index < at) ?? nodes.at(-1))
      if (next !== undefined) select(next)
    },
  }
}
