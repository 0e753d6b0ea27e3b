import { useLocation } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { serverNow } from '../../lib/server-time.ts'

/**
 * Where the reader was in a list. It belongs to an entry of the browser's history: going back to it
 * shows the list as it was left, every other way leads to the list as it is now.
 */
export type ListMemory = {
  identity: string
  openedAt: number
  scrollTop: number
  activeId: string | null
  marked: readonly string[]
}
export type ListPlace = Pick<ListMemory, 'scrollTop' | 'activeId' | 'marked'>

const MAX_REMEMBERED = 50
const byEntry = new Map<string, ListMemory>()

export function useListMemory(identity: string): {
  memory: ListMemory
  /** Keeps the place for the way back; draws nothing anew. */
  note: (place: Partial<ListPlace>) => void
  /** Begins the list anew, with what has come meanwhile. */
  renew: () => void
} {
  const entry = useLocation({ select: ({ state }) => state.__TSR_key ?? '' })
  const [held, setHeld] = useState(() => recall(entry, identity))
  const memory = held.identity === identity ? held : recall(entry, identity)
  if (memory !== held) setHeld(memory)
  useEffect(() => {
    byEntry.delete(entry)
    byEntry.set(entry, memory)
    const [oldest] = byEntry.keys()
    if (byEntry.size > MAX_REMEMBERED && oldest !== undefined) byEntry.delete(oldest)
  }, [entry, memory])
  return {
    memory,
    note: (place) => void Object.assign(memory, place),
    renew: () => setHeld({ ...freshMemory(identity), marked: memory.marked }),
  }
}

function recall(entry: string, identity: string): ListMemory {
  const known = byEntry.get(entry)
  return known?.identity === identity ? known : freshMemory(identity)
}

function freshMemory(identity: string): ListMemory {
  return {
    identity,
    openedAt: Math.floor(serverNow()),
    scrollTop: 0,
    activeId: null,
    marked: [],
  }
}
