import { useRouter } from '@tanstack/react-router'
import { toggledLive } from '../lib/live-range.ts'
import { serverNow } from '../lib/server-time.ts'
import { stringifySearch } from '../lib/url-state.ts'
import { useView } from './use-view.ts'

export type LinkKind = 'frozen' | 'as-is'

/** Copies the address of what is seen; `frozen` turns a rolling range into the one it is now. */
export function useCopyLink(): (kind: LinkKind) => Promise<void> {
  const router = useRouter()
  const { view, window } = useView()
  return async (kind) => {
    const { pathname, search } = router.state.location
    const isFrozen = kind === 'frozen' && window.status === 'rolling'
    const shown = isFrozen ? { ...search, ...toggledLive(view, window, serverNow()) } : search
    await navigator.clipboard.writeText(`${location.origin}${pathname}${stringifySearch(shown)}`)
  }
}
