import { IconCheck, IconCopy, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'

const SHOWN_MS = 2_000
const LOOKS = {
  idle: { icon: IconCopy, text: '' },
  copied: { icon: IconCheck, text: 'Copied' },
  failed: { icon: IconX, text: 'The browser did not let it be copied' },
}

/** A button that copies a text and says so. */
export function CopyText({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<keyof typeof LOOKS>('idle')
  const { icon: Symbol, text: told } = LOOKS[state]
  useEffect(() => {
    if (state === 'idle') return undefined
    const timer = setTimeout(() => setState('idle'), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [state])
  const onCopy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    )
  }
  return (
    <button
      type="button"
      className="btn ghost copy"
      aria-label={label}
      title={label}
      onClick={onCopy}
    >
      <Symbol size={14} aria-hidden="true" />
      <span className="sr-only" role="status">
        {told}
      </span>
    </button>
  )
}
