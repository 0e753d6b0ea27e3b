import { useState } from 'react'
import type { ListMemory, ListPlace } from './list-memory.ts'

/** The row one is at and the rows marked for a comparison; both are kept for the way back. */
export function useListPlace(memory: ListMemory, note: (place: Partial<ListPlace>) => void) {
  const [held, setHeld] = useState({ memory, activeId: memory.activeId, marked: memory.marked })
  if (held.memory !== memory) {
    setHeld({ memory, activeId: memory.activeId, marked: memory.marked })
  }
  const setActive = (activeId: string | null): void => {
    note({ activeId })
    setHeld((before) => ({ ...before, activeId }))
  }
  const setMarked = (marked: readonly string[]): void => {
    note({ marked })
    setHeld((before) => ({ ...before, marked }))
  }
  return { activeId: held.activeId, marked: held.marked, setActive, setMarked }
}
