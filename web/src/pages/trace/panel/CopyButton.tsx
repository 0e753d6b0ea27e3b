import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useCopy } from '../../../ui/use-copy.ts'

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
