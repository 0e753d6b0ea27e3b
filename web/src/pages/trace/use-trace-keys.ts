import { useEffect, useEffectEvent } from 'react'
import { isTyping } from '../../lib/typing.ts'
import type { Waterfall } from './waterfall.ts'

type TraceKeys = {
  waterfall: Waterfall
  selectedId: string | null
  onSelect: (spanId: string) => void
  onFold: (spanId: string) => void
}

/** J and K step through the rows, arrows fold, E goes to the next error. */
export function useTraceKeys({ waterfall, selectedId, onSelect, onFold }: TraceKeys): void {
  const onKey = useEffectEvent((key: string): boolean => {
    const { rows } = waterfall
    const index = rows.findIndex(({ span }) => span.spanId === selectedId)
    const row = rows[index]
    const goTo = (next: number): boolean => {
      const target = rows[next]
      if (target !== undefined) onSelect(target.span.spanId)
      return true
    }
    if (key === 'j' || key === 'ArrowDown') return goTo(index + 1)
    if (key === 'k' || key === 'ArrowUp') return goTo(Math.max(0, index - 1))
    if (key === 'e') {
      const failed = rows
        .map(({ span }, at) => (span.status === 'error' ? at : -1))
        .filter((at) => at >= 0)
      return goTo(failed.find((at) => at > index) ?? failed[0] ?? index)
    }
    const isFoldKey =
      (key === 'ArrowLeft' && row?.isFolded === false) ||
      (key === 'ArrowRight' && row?.isFolded === true)
    if (isFoldKey && row?.hasChildren === true) onFold(row.span.spanId)
    return isFoldKey
  })
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
