import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useState } from 'react'

const SHOWN_MS = 2_000

type CopyButtonProps = { label: string; text: () => string; children?: string }

/** Copies a text and says so; a refusal of the browser is said too. */
export function CopyButton({ label, text, children }: CopyButtonProps) {
  const { outcome, copy } = useCopy()
  const Icon = outcome === 'copied' ? IconCheck : IconCopy
  return (
    <button
      type="button"
      className={children === undefined ? 'icon-btn' : 'btn'}
      aria-label={children === undefined ? label : undefined}
      title={outcome === 'refused' ? 'The browser refused the clipboard' : label}
      onClick={() => copy(text())}
    >
      <Icon size={15} aria-hidden="true" />
      {children}
      <span role="status" className="sr-only">
        {outcome === 'idle' ? '' : outcome === 'copied' ? 'Copied' : 'Not copied'}
      </span>
    </button>
  )
}

export type CopyOutcome = 'idle' | 'copied' | 'refused'

export function useCopy(): { outcome: CopyOutcome; copy: (text: string) => void } {
  const [outcome, setOutcome] = useState<CopyOutcome>('idle')
  useEffect(() => {
    if (outcome === 'idle') return undefined
    const timer = setTimeout(() => setOutcome('idle'), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = (text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  }
  return { outcome, copy }
}
