import { useSyncExternalStore } from 'react'
import { currentConnection, subscribeConnection, type Connection } from './socket.ts'

export function useConnection(): Connection {
  return useSyncExternalStore(subscribeConnection, currentConnection)
}

/** False while the tab is hidden: subscriptions are left then and taken anew on return. */
export function usePageVisible(): boolean {
  return useSyncExternalStore(subscribeVisibility, () => document.visibilityState !== 'hidden')
}

function subscribeVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}
