import { useNavigate } from '@tanstack/react-router'

const QUERY_INPUT = '[data-testid="query-input"]'
const WAIT_MS = 5_000

/** Goes to the traces and puts the cursor into their query, as soon as it is there. */
export function useSearchTraces(): () => void {
  const navigate = useNavigate()
  return () => {
    if (focusQuery()) return
    void navigate({ to: '/traces' })
    const observer = new MutationObserver(() => {
      if (focusQuery()) observer.disconnect()
    })
    observer.observe(document.body, { childList: true, subtree: true })
    setTimeout(() => observer.disconnect(), WAIT_MS)
  }
}

function focusQuery(): boolean {
  const input = document.querySelector<HTMLElement>(QUERY_INPUT)
  input?.focus()
  return input !== null
}
