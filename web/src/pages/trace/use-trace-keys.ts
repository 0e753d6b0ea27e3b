import { useEffect, useEffectEvent } from 'react'
import { isTyping } from '../../lib/typing.ts'
import type { Waterfall } from './waterfall.ts'

export type TraceKeys = {
  waterfall: Pick<Waterfall, 'rows'>
  selectedId: string | null
  onSelect: (spanId: string) => void
  onFold: (spanId: string) => void
}

/** J and K step through the rows, arrows fold, E goes to the next error. */
export function useTraceKeys(trace: TraceKeys): void {
  const onKey = useEffectEvent((key: string): boolean => runTraceKey(key, trace))
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const isArrow = event.key.startsWith('Arrow')
      const isInTree =
        event.target instanceof Element && event.target.closest('[role="treegrid"]') !== null
      if (isArrow && !isInTree) return
      if (onKey(isArrow ? event.key : event.key.toLowerCase())) event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}

/** True when the key means something in the tree. */
export function runTraceKey(
  key: string,
  { waterfall, selectedId, onSelect, onFold }: TraceKeys,
): boolean {
  const { rows } = waterfall
  const index = rows.findIndex(({ span }) => span.spanId === selectedId)
  const target = rows[targetIndex(key, rows, index)]
  if (target !== undefined) {
    onSelect(target.span.spanId)
    return true
  }
  const row = rows[index]
  const wantsFolded = { ArrowLeft: true, ArrowRight: false }[key]
  if (wantsFolded === undefined || row === undefined) return false
  if (row.hasChildren && row.isFolded !== wantsFolded) onFold(row.span.spanId)
  return true
}

function targetIndex(key: string, rows: Waterfall['rows'], index: number): number {
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return Math.min(rows.length - 1, index + 1)
    case 'k':
    case 'ArrowUp':
      return Math.max(0, index - 1)
    case 'e': {
      const isError = ({ span }: Waterfall['rows'][number]): boolean => span.status === 'error'
      const next = rows.findIndex((row, at) => at > index && isError(row))
      return next >= 0 ? next : rows.findIndex(isError)
    }
    default:
      return -1
  }
}
